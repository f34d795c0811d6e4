#pragma once

#include "messages/journal/append.hpp"
#include "tracing/tracer.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

/// What a trace has of the changes of entities. The span of an append is named after its first event, for example
/// `order.placed`; it begins with the decision and ends when the append is durable. Its parent is whoever asked for the
/// change (provenance::traceparent). The ids of these spans follow from the stream and the version, so that a node that
/// takes the entity over knows them (docs/adr/0027).
namespace waybill {

/// The span of the append whose first event is `version` of `stream`.
tracing::span_id span_of_append(const tracing::trace_id& trace, const std::string& stream, std::uint64_t version);

/// None when whoever asked for the append is not traced.
std::optional<tracing::span> begin_span(const append& request);

/// The commit that made `ended` durable, as an event of the span.
void note_commit(tracing::span& ended, timestamp at, const std::string& database, const std::string& stream,
                 std::uint64_t version, std::size_t events);

/// Spans that end when an append is durable. Copies stand for the same spans.
class append_trace {
public:
  append_trace() = default;
  append_trace(std::shared_ptr<tracing::tracer> tracer, const append& request, std::vector<tracing::span> others);

  /// The append is durable since `at`: sends the spans.
  void end(timestamp at) const {
    if (open_)
      send(at);
  }

private:
  struct open_spans {
    std::shared_ptr<tracing::tracer> tracer;
    std::string stream;
    std::uint64_t version = 0;
    std::size_t events = 0;
    std::vector<tracing::span> spans;
  };

  void send(timestamp at) const;

  std::shared_ptr<open_spans> open_;
};

/// Those of the appends of one batch, in their order.
class append_traces {
public:
  void add(append_trace next) { begun_.push_back(std::move(next)); }

  /// The next one; of a batch that is not traced an empty one.
  append_trace take() {
    if (begun_.empty())
      return {};
    auto next = std::move(begun_[taken_]);
    if (++taken_ == begun_.size()) {
      begun_.clear();
      taken_ = 0;
    }
    return next;
  }

private:
  std::vector<append_trace> begun_;
  std::size_t taken_ = 0;
};

} // namespace waybill
