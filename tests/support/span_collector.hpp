#pragma once

#include "tests/support/scripted_server.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

/// The other end of OTLP over HTTP, with a decoder that shares no code with the encoder.
namespace waybill::test {

struct collected_event {
  std::string name;
  std::uint64_t at = 0;
  std::map<std::string, std::string> attributes;
};

/// Ids are in hexadecimal digits; times in nanoseconds; attributes of any type as text.
struct collected_span {
  std::string trace;
  std::string id;
  std::string parent;
  std::string name;
  std::uint64_t kind = 0;
  std::uint64_t begun = 0;
  std::uint64_t ended = 0;
  std::map<std::string, std::string> attributes;
  std::vector<collected_event> events;
  bool failed = false;
  std::string failure;
  std::uint64_t flags = 0;
  /// Of the process that sent it.
  std::map<std::string, std::string> resource;
};

/// Decodes an ExportTraceServiceRequest. Throws std::runtime_error for what is none.
std::vector<collected_span> decode_spans(std::string_view request);

/// Keeps all spans that it gets.
class span_collector {
public:
  /// `answer` says how each request is answered; its spans are kept when it is answered with 200.
  explicit span_collector(std::function<testing::scripted_answer()> answer = [] {
    return testing::scripted_answer{200, "", false};
  });

  [[nodiscard]] std::string url() const { return server_.url() + "/v1/traces"; }
  [[nodiscard]] int requests() const { return server_.requests(); }
  /// The spans of one trace, or of all.
  [[nodiscard]] std::vector<collected_span> spans(const std::string& trace = {}) const;
  /// The errors in requests, a line each.
  [[nodiscard]] std::string complaints() const;

private:
  testing::scripted_answer take(const testing::scripted_request& request);

  mutable std::mutex mutex_;
  std::function<testing::scripted_answer()> answer_;
  std::vector<collected_span> spans_;
  std::string complaints_;
  testing::scripted_server server_;
};

/// The reasons why `spans` are not one tree, a line each: `outer` is the span of a caller that may be the parent of the
/// root. A span that was sent twice counts once.
std::string faults_of_tree(const std::vector<collected_span>& spans, const std::string& outer);

/// An indented line for each span, for messages of tests.
std::string drawing_of(const std::vector<collected_span>& spans);

} // namespace waybill::test
