#include "gateway/streams/websocket.hpp"

#include "domain/base/errors.hpp"
#include "gateway/http/json_body.hpp"
#include "gateway/routes/orders/order_views.hpp"
#include "gateway/streams/event_query.hpp"
#include "gateway/streams/streaming.hpp"
#include "gateway/streams/subscription_frame.hpp"
#include "gateway/transport/wire.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/json/value.hpp>

namespace waybill::http {

namespace ws = boost::beast::websocket;

namespace {

constexpr std::string_view protocol = "waybill.v1";
constexpr std::size_t largest_frame = 16 * 1024;
constexpr std::size_t queue_octets = 256 * 1024;
constexpr int max_refused = 3;
/// A client that starts to read again so long after it was given up is still told why.
constexpr milliseconds last_chance{5'000};
constexpr std::chrono::seconds handshake_time{10};
/// A client that does not answer the good-bye must not hold up the end of the gateway.
constexpr milliseconds farewell_time{2'000};

std::string frame_of(std::string_view type, const std::string& id) {
  json_writer out;
  return out.begin_object().member("type", type).member("id", id).end_object().take();
}

} // namespace

websocket::websocket(std::shared_ptr<session> on, request asked)
  : on_(std::move(on)), home_(on_->home()), asked_(std::move(asked)), token_end_(home_.io()), stream_(on_->stream()),
    more_(home_.io(), clock::time_point::max()), room_(home_.io(), clock::time_point::max()) {
  home_.metrics().websockets.fetch_add(1);
}

websocket::~websocket() {
  home_.metrics().websockets.fetch_sub(1);
  home_.metrics().buffered.fetch_sub(static_cast<std::int64_t>(queued_octets_));
}

task<void> websocket::handshake(const beast_http::request<beast_http::string_body>& upgrade) {
  stream_.set_option(ws::stream_base::timeout{handshake_time, home_.config().idle_timeout, true});
  stream_.set_option(ws::stream_base::decorator([&](ws::response_type& answer) {
    if (!upgrade[beast_http::field::sec_websocket_protocol].empty())
      answer.set(beast_http::field::sec_websocket_protocol,
                 boost::beast::string_view{protocol.data(), protocol.size()});
  }));
  stream_.read_message_max(largest_frame);
  co_await stream_.async_accept(upgrade, use_task);
}

task<void> websocket::run(const beast_http::request<beast_http::string_body>& upgrade) {
  on_->become_stream([weak = weak_from_this()] {
    if (auto self = weak.lock()) {
      self->on_->expires_after(farewell_time);
      self->close_with(ws::close_code::service_restart);
    }
  });
  co_await handshake(upgrade);
  net::co_spawn(home_.io(), write_frames(), [self = shared_from_this()](std::exception_ptr) { self->end(); });
  net::co_spawn(home_.io(), watch_token(), [self = shared_from_this()](std::exception_ptr) {});
  co_await read_frames();
  end();
}

task<void> websocket::read_frames() {
  boost::beast::flat_buffer buffer;
  for (;;) {
    error_code error;
    co_await stream_.async_read(buffer, net::redirect_error(use_task, error));
    if (error || ended_)
      co_return;
    const auto text = boost::beast::buffers_to_string(buffer.data());
    if (stream_.got_text())
      co_await on_frame(text);
    else
      co_await refuse({}, "validation_failed", "a frame must be text");
    buffer.clear();
  }
}

task<void> websocket::write_frames() {
  const auto limit = home_.config().write_timeout;
  while (!ended_) {
    if (close_code_ != ws::close_code::none) {
      on_->expires_after(on_->closing() ? farewell_time : last_chance + limit);
      if (!last_words_.empty())
        co_await stream_.async_write(net::buffer(last_words_), use_task);
      const ws::close_reason reason{close_code_};
      co_await stream_.async_close(reason, use_task);
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
    on_->expires_after(limit + last_chance);
    co_await stream_.async_write(net::buffer(frame), use_task);
    on_->expires_never();
    queued_octets_ -= frame.size();
    home_.metrics().buffered.fetch_sub(static_cast<std::int64_t>(frame.size()));
    room_.cancel();
    if (clock::now() - began >= limit)
      close_with(ws::close_code::try_again_later);
  }
}

void websocket::close_with(ws::close_code code) {
  if (close_code_ == ws::close_code::none)
    close_code_ = code;
  more_.cancel();
}

task<void> websocket::send(std::string frame) {
  // Each socket may keep one frame, so that all of them get on when many are slow.
  while ((queued_octets_ > queue_octets || (queued_octets_ > 0 && !home_.has_room(frame.size()))) && !ended_) {
    error_code ignored;
    co_await room_.async_wait(net::redirect_error(use_task, ignored));
  }
  queued_octets_ += frame.size();
  home_.metrics().buffered.fetch_add(static_cast<std::int64_t>(frame.size()));
  queue_.push_back(std::move(frame));
  more_.cancel();
}

void websocket::end(subscription& what) {
  what.ended = true;
  what.signal.emit(net::cancellation_type::terminal);
}

void websocket::end() {
  if (ended_)
    return;
  ended_ = true;
  more_.cancel();
  room_.cancel();
  token_end_.cancel();
  for (auto& [id, one] : subscriptions_)
    end(*one);
  subscriptions_.clear();
  on_->stream().close();
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
  else if (!asked_.who.is_anybody())
    co_await turn_away("this needs a token: send {\"type\":\"auth\",\"token\":\"...\"} first");
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
  auto wish = read_subscription_frame(frame, errors);
  auto made = std::make_shared<subscription>();
  made->id = std::move(wish.id);
  made->from_latest = !wish.after && !wish.from_earliest;
  made->wanted.from_earliest = wish.from_earliest;
  if (wish.after)
    made->wanted.after = *wish.after;
  made->wanted.filter = std::move(wish.filter);
  narrow(made->wanted.filter, asked_.who);
  made->wanted.limit = feed_page_size;
  made->wanted.wait = home_.config().heartbeat;
  return made;
}

task<void> websocket::subscribe(const boost::json::value& frame) {
  std::vector<field_error> errors;
  const auto made = read_subscription(frame, errors);
  if (!errors.empty()) {
    const auto what = errors.front().pointer + ' ' + errors.front().detail;
    co_await refuse(made->id, "validation_failed", what);
  } else if (subscriptions_.contains(made->id)) {
    co_await refuse(made->id, "conflict", "there is a subscription of that id");
  } else if (subscriptions_.size() >= home_.config().max_subscriptions || !home_.takes_subscriber()) {
    co_await complain(made->id, "overloaded", "there are too many subscriptions");
  } else {
    subscriptions_.emplace(made->id, made);
    net::co_spawn(home_.io(), pump(made),
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
    const auto what = errors.front().pointer + ' ' + errors.front().detail;
    co_await refuse(id, "validation_failed", what);
  } else if (const auto found = subscriptions_.find(id); found != subscriptions_.end()) {
    end(*found->second);
    subscriptions_.erase(found);
    co_await send(frame_of("unsubscribed", id));
  } else {
    co_await complain(id, "not_found", "there is no subscription of that id");
  }
}

task<void> websocket::refuse(std::string_view id, std::string_view code, std::string_view detail) {
  co_await complain(id, code, detail);
  if (++refused_ >= max_refused)
    close_with(ws::close_code::policy_error);
}

task<void> websocket::complain(std::string_view id, std::string_view code, std::string_view detail) {
  json_writer out;
  out.begin_object().member("type", "error");
  if (!id.empty())
    out.member("id", id);
  co_await send(out.member("code", code).member("detail", detail).end_object().take());
}

task<bool> websocket::find_start(subscription& what) {
  if (what.from_latest) {
    const auto at = co_await ask<log_position>(home_.bridge_handle(), home_.services().reader,
                                               home_.config().attempt_timeout, get_log_end{});
    if (!at) {
      subscriptions_.erase(what.id);
      co_await complain(what.id, "unavailable", "the event log cannot be read now");
      co_return false;
    }
    what.wanted.after = *at;
  } else if (!what.wanted.from_earliest) {
    const read_log nothing{what.wanted.after, {}, 0};
    const auto found =
      co_await ask<log_page>(home_.bridge_handle(), home_.services().reader, home_.config().attempt_timeout, nothing);
    if (!found && found.error().code == ec::cursor_expired) {
      co_await expire(what.id);
      co_return false;
    }
  }
  json_writer out;
  out.begin_object().member("type", "subscribed").member("id", what.id);
  co_await send(out.member("position", to_string(what.wanted.after)).end_object().take());
  co_return true;
}

/// The removal of old events has overtaken the subscription: to go on would be to skip some without a word.
task<void> websocket::expire(std::string id) {
  subscriptions_.erase(id);
  const auto why = to_problem({ec::cursor_expired, {}});
  co_await complain(id, why.code, why.detail);
}

task<void> websocket::pump(subscription_ptr what) {
  const auto self = shared_from_this();
  const bool found = co_await find_start(*what);
  if (!found)
    co_return;
  const subscriber_count counted{home_.metrics()};
  auto& wanted = what->wanted;
  while (!what->ended) {
    const auto page = co_await ask<feed_page>(home_.bridge_handle(), home_.services().feed, no_timeout, wanted);
    if (!page && page.error().code == ec::cursor_expired) {
      if (!what->ended)
        co_await expire(what->id);
      co_return;
    }
    if (!page) {
      timer pause{home_.io(), feed_pause};
      co_await pause.async_wait(use_task);
      continue;
    }
    for (const auto& event : page->events) {
      if (what->ended)
        co_return;
      json_writer out;
      write_event(out.begin_object().member("type", "event").member("id", what->id).key("event"), *event);
      auto text = out.end_object().take();
      co_await send(std::move(text));
    }
    wanted.after = page->next;
    wanted.from_earliest = false;
  }
}

task<void> serve_websocket(session& on, const request& req,
                           const beast_http::request<beast_http::string_body>& upgrade) {
  if (!ws::is_upgrade(upgrade))
    throw problem{426, "validation_failed", "this is a WebSocket", {}, {{"Upgrade", "websocket"}}};
  const auto origin = req.header(beast_http::field::origin);
  if (!origin.empty() && !origin_allowed(origin, req.header(beast_http::field::host), on.home().config()))
    throw problem{403, "forbidden", "pages of this origin may not open the event stream", {}, {}};
  const auto offered = req.header(beast_http::field::sec_websocket_protocol);
  bool known = offered.empty();
  for_each_item(offered, [&](std::string_view item) { known = known || item == protocol; });
  if (!known)
    throw problem{400, "validation_failed", "the sub-protocol must be waybill.v1", {}, {}};
  // The headers go with the request that they came with.
  auto asked = req;
  asked.headers = nullptr;
  asked.body = {};
  asked.place = nullptr;
  const auto connection = std::make_shared<websocket>(on.shared_from_this(), std::move(asked));
  co_await connection->run(upgrade);
}

} // namespace waybill::http
