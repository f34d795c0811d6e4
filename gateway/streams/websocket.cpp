#include "gateway/streams/websocket.hpp"

#include "domain/json/json_writer.hpp"
#include "gateway/http/answer_text.hpp"
#include "gateway/http/json_body.hpp"
#include "gateway/streams/websocket_handshake.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/json/value.hpp>

#include <utility>

namespace waybill::http {

namespace {

constexpr std::size_t queue_octets = 256 * 1024;
constexpr int max_refused = 3;
/// A slow client that reads again within this time after its time-out is still told the reason.
constexpr milliseconds late_reading_time{5'000};
/// A client that does not answer the closing frame must not delay the end of the gateway.
constexpr milliseconds closing_time{2'000};

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

task<void> websocket::run(websocket_stream::header_list headers) {
  connection_->become_stream([weak = weak_from_this()] {
    if (auto self = weak.lock()) {
      self->connection_->expires_after(closing_time);
      self->close_with(close_code::service_restart);
    }
  });
  co_await stream_->accept(headers);
  net::co_spawn(ctx_.io(), write_frames(), [self = shared_from_this()](std::exception_ptr) { self->end(); });
  net::co_spawn(ctx_.io(), watch_token(), [self = shared_from_this()](std::exception_ptr) {});
  watch_caller();
  co_await read_frames();
  if (close_code_ == close_code::none)
    end();
  // The connection is closed behind this: the closing frame and what goes before it must be out.
  while (!ended_) {
    error_code ignored;
    co_await room_.async_wait(net::redirect_error(use_task, ignored));
  }
}

task<void> websocket::read_frames() {
  // Closing reads on by itself, until the client answers the closing frame.
  while (close_code_ == close_code::none) {
    const auto message = co_await stream_->read();
    if (!message || ended_ || close_code_ != close_code::none)
      co_return;
    if (const auto seconds = charge_frame(); seconds > 0) {
      const auto detail = "more frames come than are taken: wait " + std::to_string(seconds) + " s";
      co_await complain({}, "rate_limited", detail);
    } else if (message->is_text) {
      co_await on_frame(message->text);
    } else {
      co_await refuse({}, "validation_failed", "a frame must be text");
    }
  }
}

std::uint32_t websocket::charge_frame() {
  const auto& key = opening_.caller.authenticated ? opening_.caller.id : opening_.rate_key;
  if (key.empty())
    return 0;
  const auto charged = ctx_.state().rates.take(rate_class::frames, key, clock::now());
  if (!charged.allowed)
    ctx_.metrics().count(refusal::rate);
  return charged.allowed ? 0 : charged.retry;
}

task<void> websocket::write_frames() {
  const auto limit = ctx_.config().write_timeout;
  while (!ended_) {
    if (close_code_ != close_code::none && (queue_.empty() || !empties_queue_)) {
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
    if (clock::now() - began >= limit) {
      empties_queue_ = false;
      close_with(close_code::try_again_later);
    }
  }
}

void websocket::close_with(close_code code) {
  if (close_code_ == close_code::none)
    close_code_ = code;
  more_.cancel();
  room_.cancel();
}

task<void> websocket::send(std::string frame) {
  co_await wait_for_room(frame.size());
  queue(std::move(frame));
}

task<void> websocket::wait_for_room(std::size_t octets) {
  const auto is_full = [&] {
    // Each socket may always keep one frame, so that none stands still when many are slow.
    return queued_octets_ > queue_octets || (queued_octets_ > 0 && !ctx_.has_room(octets));
  };
  while (is_full() && !ended_ && close_code_ == close_code::none) {
    error_code ignored;
    co_await room_.async_wait(net::redirect_error(use_task, ignored));
  }
}

void websocket::queue(std::string frame) {
  if (ended_ || close_code_ != close_code::none)
    return;
  queued_octets_ += frame.size();
  ctx_.metrics().buffered.inc(static_cast<std::int64_t>(frame.size()));
  queue_.push_back(std::move(frame));
  more_.cancel();
}

void websocket::end() {
  if (ended_)
    return;
  ended_ = true;
  watched_.reset();
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
    refuse_token("unauthenticated", "this needs a token: send {\"type\":\"auth\",\"token\":\"...\"} first",
                 close_code::unauthorized);
  else if (*word == "subscribe")
    co_await subscribe(*frame);
  else if (*word == "unsubscribe")
    co_await unsubscribe(*frame);
  else if (*word == "ping")
    co_await answer_ping(*frame);
  else
    co_await refuse({}, "validation_failed", "the type of the frame is not known");
}

task<void> websocket::answer_ping(const boost::json::value& frame) {
  std::vector<field_error> errors;
  object_reader from{frame, "", errors};
  from.optional("type");
  from.finish();
  const bool refused = co_await refuse_invalid({}, errors);
  if (!refused)
    co_await send(R"({"type":"pong"})");
}

task<bool> websocket::refuse_invalid(std::string_view id, const std::vector<field_error>& errors) {
  if (errors.empty())
    co_return false;
  const auto detail = errors.front().pointer + ' ' + errors.front().detail;
  co_await refuse(id, "validation_failed", detail);
  co_return true;
}

task<void> websocket::refuse(std::string_view id, std::string_view code, std::string_view detail) {
  co_await complain(id, code, detail);
  if (++refused_ < max_refused)
    co_return;
  // The client is told what was wrong each time.
  empties_queue_ = true;
  close_with(close_code::policy_violation);
}

task<void> websocket::complain(std::string_view id, std::string_view code, std::string_view detail) {
  json_writer out;
  out.begin_object().member("type", "error");
  if (!id.empty())
    out.member("id", id);
  auto text = out.member("code", code).member("detail", detail).end_object().take();
  co_await send(std::move(text));
}

task<void> serve_websocket(std::shared_ptr<stream_connection> connection, context& ctx, const request& req,
                           std::unique_ptr<websocket_stream> socket) {
  check_handshake(req, socket != nullptr, ctx.config());
  auto headers = common_headers(req, ctx.config());
  if (!req.header(field::sec_websocket_protocol).empty())
    headers.emplace_back("Sec-WebSocket-Protocol", websocket_protocol);
  // Headers and body are views into the message, which the WebSocket outlives.
  auto opening = req;
  opening.headers = {};
  opening.body = {};
  opening.permit = nullptr;
  opening.charge = nullptr;
  const auto served = std::make_shared<websocket>(std::move(connection), ctx, std::move(opening), std::move(socket));
  co_await served->run(std::move(headers));
}

} // namespace waybill::http
