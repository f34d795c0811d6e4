#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

/// What the gRPC door asks of the gateway: the requests and answers of the HTTP API, without connections.
namespace waybill::grpc_door {

using header_list = std::vector<std::pair<std::string, std::string>>;

struct http_request {
  std::string method = {};
  /// Path and query.
  std::string target = {};
  header_list headers = {};
  /// JSON; may be empty.
  std::string body = {};
  /// The address that the connection comes from, as text.
  std::string peer = {};
  bool secure = false;
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
  /// It belongs to a call that was charged to the rate limits already, for example a look at an order whose changes are
  /// followed.
  bool is_charged = false;
};

struct http_answer {
  unsigned status = 503;
  header_list headers = {};
  /// JSON of the route, or a problem (RFC 9457).
  std::string body = {};
};

inline bool is_problem(const http_answer& answer) noexcept {
  constexpr unsigned first_error = 400;
  return answer.status >= first_error;
}

/// A request under way. Any thread.
class running_request {
public:
  virtual ~running_request() = default;

  /// Nobody waits for the answer any more. What only reads is ended; what has an effect goes on.
  virtual void cancel() = 0;
};

/// A subscription to the event log. Any thread.
class running_subscription {
public:
  virtual ~running_subscription() = default;

  /// The events that came last were taken: there is room for the next ones.
  virtual void resume() = 0;
  virtual void cancel() = 0;
};

/// Gets what a subscription has to say, one after the other, on a thread of the gateway: must not block.
class subscriber {
public:
  virtual ~subscriber() = default;

  /// The subscription holds.
  virtual void on_begin() = 0;
  /// Events as JSON; the next ones come after resume().
  virtual void on_events(std::vector<std::string> events) = 0;
  /// The last word, in every case. A problem, or 200 for a stream that ends without one: the token is over, or what it
  /// may see has changed, and the client may begin again.
  virtual void on_end(http_answer reason) = 0;
};

/// The gateway. Any thread. It calls back on threads of its own, never within a call of these functions.
class gateway_port {
public:
  virtual ~gateway_port() = default;

  using answer_handler = std::function<void(http_answer)>;

  /// Has a request answered by its route. `done` is called once, on a thread of the gateway: must not block.
  virtual std::shared_ptr<running_request> send(http_request request, answer_handler done) = 0;

  /// Subscribes to what `request`, a `GET /v1/events/stream`, names.
  virtual std::shared_ptr<running_subscription> subscribe(http_request request, std::shared_ptr<subscriber> to) = 0;
};

} // namespace waybill::grpc_door
