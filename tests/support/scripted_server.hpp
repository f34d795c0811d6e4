#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

/// A server on a free loopback port, with a thread of its own, that answers what a test tells it to.
namespace waybill::testing {

/// The header fields of a request, by name in lower case.
struct scripted_headers {
  std::map<std::string, std::string> by_name;

  /// Empty when there is none of that name, which must be in lower case.
  [[nodiscard]] std::string operator[](const std::string& name) const {
    const auto field = by_name.find(name);
    return field == by_name.end() ? std::string{} : field->second;
  }
};

struct scripted_request {
  std::string method;
  std::string target;
  std::string body;
  std::string idempotency_key;
  scripted_headers headers = {};
};

struct scripted_answer {
  unsigned status = 200;
  std::string body = "{}";
  bool replayed = false;
  /// Break the connection instead of answering.
  bool hang_up = false;
  /// Say nothing, and leave the connection open.
  bool silent = false;
  /// Close it after the answer, without having said so.
  bool close_after = false;
  /// Answer with a head for a stream without an end; `push` writes to it.
  bool stream = false;
  /// The value of Retry-After; empty: there is none.
  std::string retry_after = {};
};

class scripted_server {
public:
  using script = std::function<scripted_answer(const scripted_request&)>;

  /// `play` is called on the server's thread only.
  explicit scripted_server(script play);
  ~scripted_server();
  scripted_server(const scripted_server&) = delete;
  scripted_server& operator=(const scripted_server&) = delete;

  [[nodiscard]] std::string url() const;
  [[nodiscard]] int connections() const;
  [[nodiscard]] int requests() const;

  /// Writes to all streams; only from the script.
  void push(const std::string& text);

private:
  class impl;
  std::unique_ptr<impl> impl_;
};

} // namespace waybill::testing
