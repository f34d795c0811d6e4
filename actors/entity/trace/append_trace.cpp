#include "actors/entity/trace/append_trace.hpp"

#include <utility>

namespace waybill {

tracing::span_id span_of_append(const tracing::trace_id& trace, const std::string& stream, std::uint64_t version) {
  return tracing::derive_span_id(trace, stream + '@' + std::to_string(version));
}

std::optional<tracing::span> begin_span(const append& request) {
  const auto parent = tracing::sampled_context(request.origin.traceparent);
  if (!parent || request.events.empty())
    return std::nullopt;
  const auto id = span_of_append(parent->trace, request.stream, request.expected_version + 1);
  auto span = tracing::child_of(*parent, id, request.events.front().type, request.at);
  std::string types;
  for (const auto& event : request.events)
    types += (types.empty() ? "" : ",") + event.type;
  span.set("waybill.stream", request.stream);
  span.set("waybill.events", std::move(types));
  if (!request.order.empty())
    span.set("waybill.order", request.order);
  if (!request.origin.causation_id.empty())
    span.set("waybill.causation", request.origin.causation_id);
  if (!request.origin.correlation_id.empty())
    span.set("waybill.correlation", request.origin.correlation_id);
  return span;
}

void note_commit(tracing::span& ended, timestamp at, const std::string& database, const std::string& stream,
                 std::uint64_t version, std::size_t events) {
  ended.ended = at;
  tracing::span_event commit{"commit", at};
  commit.attributes = {{"db.system.name", database},
                       {"db.operation.name", std::string{"COMMIT"}},
                       {"waybill.stream", stream},
                       {"waybill.stream.version", static_cast<std::int64_t>(version)},
                       {"waybill.commit.events", static_cast<std::int64_t>(events)}};
  ended.events.push_back(std::move(commit));
}

append_trace::append_trace(std::shared_ptr<tracing::tracer> tracer, const append& request,
                           std::vector<tracing::span> others) {
  if (auto own = begin_span(request))
    others.push_back(std::move(*own));
  if (!others.empty())
    open_ = std::make_shared<open_spans>(open_spans{std::move(tracer), request.stream,
                                                    request.expected_version + request.events.size(),
                                                    request.events.size(), std::move(others)});
}

void append_trace::send(timestamp at) const {
  for (auto& span : std::exchange(open_->spans, {})) {
    note_commit(span, at, open_->tracer->database(), open_->stream, open_->version, open_->events);
    open_->tracer->add(std::move(span));
  }
}

} // namespace waybill
