#include "gateway/events/event_json.hpp"
#include "gateway/http/answer_text.hpp"
#include "gateway/streams/follow_events.hpp"
#include "gateway/streams/streams.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <memory>
#include <utility>

/// Server-Sent Events (https://html.spec.whatwg.org/multipage/server-sent-events.html).
namespace waybill::http {

namespace {

/// Tells clients to connect again a second after they lost the connection.
constexpr std::string_view greeting = "retry: 1000\n\n";
/// A comment, so that client and proxies see that a quiet stream is alive.
constexpr std::string_view heartbeat = ": alive\n\n";

/// Tells a client that events which it has not seen have been removed: going on would skip them silently.
std::string error_event(const request& req, const problem& error) {
  return "event: error\ndata: " + to_json(error, req.path(), req.request_id) + "\n\n";
}

/// Ends the stream when the client has gone.
task<void> watch_client(std::shared_ptr<stream_connection> connection) {
  co_await connection->read_to_end();
  connection->stop();
}

/// Where to go on after a lost connection. Without data it is no message, and clients keep it all the same.
std::string place_of(const log_position& position) {
  return "id: " + to_string(position) + "\n";
}

std::string to_sse(const feed_page& page) {
  std::string text;
  for (const auto& event : page.events)
    text += place_of(event->position) + "data: " + to_json(*event) + "\n\n";
  if (!text.empty())
    return text;
  // Of a filter that nothing fits for long: what it has passed may be removed from the log meanwhile.
  if (page.next != log_position{})
    text += place_of(page.next);
  return text += heartbeat;
}

/// The connection that the events go to.
class sse_sink final : public event_sink {
public:
  sse_sink(std::shared_ptr<stream_connection> connection, context& ctx, const request& req)
    : connection_(std::move(connection)), ctx_(ctx), req_(req) {}

  task<void> begin(const std::optional<log_position>& start) override {
    connection_->become_stream({});
    const auto place = start ? place_of(*start) : std::string{};
    const auto head = stream_head(req_, ctx_.config()) + place + std::string{greeting};
    co_await connection_->write(head);
    net::co_spawn(ctx_.io(), watch_client(connection_), net::detached);
  }

  task<void> send(const feed_page& page) override {
    const auto text = to_sse(page);
    co_await connection_->write(text);
  }

  task<void> fail(const problem& reason) override {
    const auto text = error_event(req_, reason);
    co_await connection_->write(text);
  }

  void stop() override { connection_->stop(); }
  [[nodiscard]] bool closing() const noexcept override { return connection_->closing(); }

private:
  std::shared_ptr<stream_connection> connection_;
  context& ctx_;
  const request& req_;
};

} // namespace

task<response> describe_events(context& ctx, const request& req) {
  co_await check_subscription(ctx, req);
  response head;
  head.content_type = "text/event-stream";
  head.set("X-Accel-Buffering", "no");
  head.endless = true;
  co_return head;
}

task<void> serve_events(std::shared_ptr<stream_connection> connection, context& ctx, const request& req) {
  const std::shared_ptr<event_sink> sink = std::make_shared<sse_sink>(std::move(connection), ctx, req);
  co_await follow_events(sink, ctx, req);
}

} // namespace waybill::http
