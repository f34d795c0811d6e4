#include "gateway/streams/websocket.hpp"

#include "domain/base/errors.hpp"
#include "gateway/events/event_filter.hpp"
#include "gateway/events/event_json.hpp"
#include "gateway/http/answer_text.hpp"
#include "gateway/http/json_body.hpp"
#include "gateway/http/text.hpp"
#include "gateway/streams/subscription_frame.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/json/value.hpp>

namespace waybill::http {

namespace {

constexpr std::string_view protocol = "waybill.v1";
constexpr std::size_t queue_octets = 256 * 1024;
constexpr int max_refused = 3;
/// A slow client that reads again within this time after its time-out is still told the reason.
constexpr milliseconds late_reading_time{5'000};
/// A client that does not answer the closing frame must not delay the end of the gateway.
constexpr milliseconds closing_time{2'000};

std::string frame_of(std::string_view type, const std::string& id) {
  json_writer out;
  return out.begin_object().member("type", type).member("id", id).end_object().take();
}

} // namespace

websocket::websocket(std::shared_ptr<stream_connection> connection, context& ctx, request opening,
                     std::unique_ptr<websocket_stream> stream)
  : connection_(std::move(connection)), ctx_(ctx), opening_(std::move(opening)), token_end_(ctx_.io()),
    stream_(std::move(stream)), more_(ctx_.io(), clock::time_point::max()), room_(ctx_.io(), clock::time_point::max()) {
  ctx_.metrics().websockets.inc();
}

websocket::~websocket() {
  ctx_.metrics().websockets.dec();
  ctx_.metrics().buffered.dec(static_cast<std::int64_t>(queued_octets_));
}

task<void> websocket::run() {
  connection_->become_stream([weak = weak_from_this()] {
    if (auto self = weak.lock()) {
      self->connection_->expires_after(closing_time);
      self->close_with(close_code::service_restart);
    }
  });
  co_await stream_->accept(protocol);
  net::co_spawn(ctx_.io(), write_frames(), [self = shared_from_this()](std::exception_ptr) { self->end(); });
  net::co_spawn(ctx_.io(), watch_token(), [self = shared_from_this()](std::exception_ptr) {});
  co_await read_frames();
  end();
}

task<void> websocket::read_frames() {
  for (;;) {
    const auto message = co_await stream_->read();
    if (!message || ended_)
      co_return;
    if (message->is_text)
      co_await on_frame(message->text);
    else
      co_await refuse({}, "validation_failed", "a frame must be text");
  }
}

task<void> websocket::write_frames() {
  const auto limit = ctx_.config().write_timeout;
  while (!ended_) {
    if (close_code_ != close_code::none) {
      connection_->expires_after(connection_->closing() ? closing_time : late_reading_time + limit);
      if (!last_frame_.empty())
        co_await stream_->write(last_frame_);
      co_await stream_->close(close_code_);
      co_return;
    }
    if (queue_.empty()) {
      error_code ignored;
      co_await more_.async_wait(net::redirect_error(use_task, ignored));
      continue;
    }
    const auto frame = std::move(queue_.front());
    queue_.pop_front();
    const auto began = clock::now();
    connection_->expires_after(limit + late_reading_time);
    co_await stream_->write(frame);
    connection_->expires_never();
    queued_octets_ -= frame.size();
    ctx_.metrics().buffered.dec(static_cast<std::int64_t>(frame.size()));
    room_.cancel();
    if (clock::now() - began >= limit)
      close_with(close_code::try_again_later);
  }
}

void websocket::close_with(close_code code) {
  if (close_code_ == close_code::none)
    close_code_ = code;
  more_.cancel();
}

task<void> websocket::send(std::string frame) {
  // Each socket may always keep one frame, so that none stands still when many are slow.
  while ((queued_octets_ > queue_octets || (queued_octets_ > 0 && !ctx_.has_room(frame.size()))) && !ended_) {
    error_code ignored;
    co_await room_.async_wait(net::redirect_error(use_task, ignored));
  }
  queued_octets_ += frame.size();
  ctx_.metrics().buffered.inc(static_cast<std::int64_t>(frame.size()));
  queue_.push_back(std::move(frame));
  more_.cancel();
}

void websocket::end(subscription& ended) {
  ended.ended = true;
  ended.signal.emit(net::cancellation_type::terminal);
}

void websocket::end() {
  if (ended_)
    return;
  ended_ = true;
  more_.cancel();
  room_.cancel();
  token_end_.cancel();
  for (auto& [id, running] : subscriptions_)
    end(*running);
  subscriptions_.clear();
  connection_->close();
}

task<void> websocket::on_frame(std::string_view text) {
  const auto frame = parse_json(text);
  if (!frame) {
    co_await refuse({}, "invalid_json", frame.error().detail);
    co_return;
  }
  const auto* object = frame->if_object();
  const auto* type = object ? object->if_contains("type") : nullptr;
  const auto* word = type ? type->if_string() : nullptr;
  if (!word)
    co_await refuse({}, "validation_failed", "a frame must be an object with a type");
  else if (*word == "auth")
    co_await authenticate(*frame);
  else if (!opening_.caller.is_anybody())
    co_await refuse_token("this needs a token: send {\"type\":\"auth\",\"token\":\"...\"} first");
  else if (*word == "subscribe")
    co_await subscribe(*frame);
  else if (*word == "unsubscribe")
    co_await unsubscribe(*frame);
  else if (*word == "ping")
    co_await send(R"({"type":"pong"})");
  else
    co_await refuse({}, "validation_failed", "the type of the frame is not known");
}

websocket::subscription_ptr websocket::read_subscription(const boost::json::value& frame,
                                                         std::vector<field_error>& errors) const {
  auto asked = read_subscription_frame(frame, errors);
  auto made = std::make_shared<subscription>();
  made->id = std::move(asked.id);
  made->from_latest = !asked.after && !asked.from_earliest;
  made->query.from_earliest = asked.from_earliest;
  if (asked.after)
    made->query.after = *asked.after;
  made->query.filter = std::move(asked.filter);
  narrow(made->query.filter, opening_.caller);
  made->query.limit = feed_page_size;
  made->query.wait = ctx_.config().heartbeat;
  return made;
}

task<void> websocket::subscribe(const boost::json::value& frame) {
  std::vector<field_error> errors;
  const auto made = read_subscription(frame, errors);
  if (!errors.empty()) {
    const auto detail = errors.front().pointer + ' ' + errors.front().detail;
    co_await refuse(made->id, "validation_failed", detail);
  } else if (subscriptions_.contains(made->id)) {
    co_await refuse(made->id, "conflict", "there is a subscription of that id");
  } else if (subscriptions_.size() >= ctx_.config().max_subscriptions || !ctx_.has_room_for_subscriber()) {
    co_await complain(made->id, "overloaded", "there are too many subscriptions");
  } else {
    subscriptions_.emplace(made->id, made);
    net::co_spawn(ctx_.io(), send_events(made),
                  net::bind_cancellation_slot(made->signal.slot(), [made, self = shared_from_this()](auto) {}));
  }
}

task<void> websocket::unsubscribe(const boost::json::value& frame) {
  std::vector<field_error> errors;
  object_reader from{frame, "", errors};
  from.optional("type");
  const auto id = from.text("id", {1, 64});
  from.finish();
  if (!errors.empty()) {
    const auto detail = errors.front().pointer + ' ' + errors.front().detail;
    co_await refuse(id, "validation_failed", detail);
  } else if (const auto running = subscriptions_.find(id); running != subscriptions_.end()) {
    end(*running->second);
    subscriptions_.erase(running);
    co_await send(frame_of("unsubscribed", id));
  } else {
    co_await complain(id, "not_found", "there is no subscription of that id");
  }
}

task<void> websocket::refuse(std::string_view id, std::string_view code, std::string_view detail) {
  co_await complain(id, code, detail);
  if (++refused_ >= max_refused)
    close_with(close_code::policy_violation);
}

task<void> websocket::complain(std::string_view id, std::string_view code, std::string_view detail) {
  json_writer out;
  out.begin_object().member("type", "error");
  if (!id.empty())
    out.member("id", id);
  co_await send(out.member("code", code).member("detail", detail).end_object().take());
}

task<bool> websocket::find_start(subscription& begun) {
  auto& query = begun.query;
  if (begun.from_latest) {
    const auto end = co_await ctx_.ask_for<log_position>(ctx_.services().reader, get_log_end{});
    if (!end) {
      subscriptions_.erase(begun.id);
      co_await complain(begun.id, "unavailable", "the event log cannot be read now");
      co_return false;
    }
    query.after = *end;
  } else if (!query.from_earliest) {
    const read_log nothing{query.after, {}, 0};
    const auto kept = co_await ctx_.ask_for<log_page>(ctx_.services().reader, nothing);
    if (!kept && kept.error().code == ec::cursor_expired) {
      co_await expire(begun.id);
      co_return false;
    }
  }
  json_writer out;
  out.begin_object().member("type", "subscribed").member("id", begun.id);
  co_await send(out.member("position", to_string(query.after)).end_object().take());
  co_return true;
}

task<void> websocket::expire(std::string id) {
  subscriptions_.erase(id);
  const auto error = to_problem({ec::cursor_expired, {}});
  co_await complain(id, error.code, error.detail);
}

task<void> websocket::send_events(subscription_ptr subscribed) {
  const auto self = shared_from_this();
  const bool begun = co_await find_start(*subscribed);
  if (!begun)
    co_return;
  const counted subscriber{ctx_.metrics().subscribers};
  auto& query = subscribed->query;
  while (!subscribed->ended) {
    const auto page = co_await ctx_.ask_for<feed_page>(ctx_.services().feed, query, no_timeout);
    if (!page && page.error().code == ec::cursor_expired) {
      if (!subscribed->ended)
        co_await expire(subscribed->id);
      co_return;
    }
    if (!page) {
      timer pause{ctx_.io(), feed_pause};
      co_await pause.async_wait(use_task);
      continue;
    }
    for (const auto& event : page->events) {
      if (subscribed->ended)
        co_return;
      json_writer out;
      out.begin_object().member("type", "event").member("id", subscribed->id).key("event").raw(to_json(*event));
      auto text = out.end_object().take();
      co_await send(std::move(text));
    }
    query.after = page->next;
    query.from_earliest = false;
  }
}

task<void> serve_websocket(std::shared_ptr<stream_connection> connection, context& ctx, const request& req,
                           std::unique_ptr<websocket_stream> socket) {
  if (!socket)
    throw problem{426, "validation_failed", "this is a WebSocket", {}, {{"Upgrade", "websocket"}}};
  const auto origin = req.header(field::origin);
  if (!origin.empty() && !origin_allowed(origin, req.header(field::host), ctx.config()))
    throw problem{403, "forbidden", "pages of this origin may not open the event stream", {}, {}};
  const auto offered = req.header(field::sec_websocket_protocol);
  bool known = offered.empty();
  for_each_item(offered, [&](std::string_view item) { known = known || item == protocol; });
  if (!known)
    throw problem{400, "validation_failed", "the sub-protocol must be waybill.v1", {}, {}};
  // Headers and body are views into the message, which the WebSocket outlives.
  auto opening = req;
  opening.headers = {};
  opening.body = {};
  opening.permit = nullptr;
  opening.charge = nullptr;
  const auto served = std::make_shared<websocket>(std::move(connection), ctx, std::move(opening), std::move(socket));
  co_await served->run();
}

} // namespace waybill::http
