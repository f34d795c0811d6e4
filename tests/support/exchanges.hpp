#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// The requests of tests and their answers, kept for the test contract.answers, which compares them with the API
/// documents.
namespace waybill::test {

struct exchange {
  /// Both empty when the request is not known, for example because it was not HTTP.
  std::string method;
  std::string target;
  std::string request_type;
  std::string request_body;
  unsigned status = 0;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

/// Appends to the file of this process in the folder that WAYBILL_TEST_EXCHANGES names; does nothing when it names
/// none. Thread-safe. Throws std::runtime_error when it cannot be written.
void record(const exchange& seen);

/// A frame of a WebSocket that the server sent.
void record_frame(std::string_view text);

/// Method and target of the request line that `octets` begin with; empty texts when there is none.
std::pair<std::string, std::string> request_line(std::string_view octets);

} // namespace waybill::test
