#include "domain/json/json_writer.hpp"
#include "gateway/auth/authentication.hpp"
#include "gateway/http/json_body.hpp"
#include "gateway/streams/websocket.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/json/value.hpp>

#include <algorithm>

// The token of a WebSocket: who its caller is, and until when.

namespace waybill::http {

namespace {

/// How long a client that sent no token with its request may take to send one in a frame.
constexpr milliseconds first_token_time{10'000};
constexpr milliseconds piece{60'000};

} // namespace

task<void> websocket::watch_token() {
  while (!ended_ && close_code_ == close_code::none) {
    const bool known = opening_.caller.is_anybody();
    const auto end = known ? opening_.caller.until.value_or(timestamp::max()) : opened_ + first_token_time;
    if (end <= now()) {
      close_with(close_code::unauthorized);
      co_return;
    }
    // Waits in pieces, because the clock may be set and a newer token may come.
    token_end_.expires_after(std::min(std::chrono::duration_cast<milliseconds>(end - now()) + milliseconds{1}, piece));
    error_code ignored;
    co_await token_end_.async_wait(net::redirect_error(use_task, ignored));
  }
}

task<void> websocket::refuse_token(std::string_view reason) {
  // Not queued: the frames in the queue are no longer sent.
  json_writer out;
  out.begin_object().member("type", "error").member("code", "unauthenticated").member("detail", reason);
  last_frame_ = out.end_object().take();
  close_with(close_code::unauthorized);
  co_return;
}

task<void> websocket::authenticate(const boost::json::value& frame) {
  std::vector<field_error> errors;
  object_reader from{frame, "", errors};
  from.optional("type");
  const auto token = from.text("token", {1, 4096});
  from.finish();
  // Without authentication everybody is the demo user, and a page sends a frame without a token.
  if (!errors.empty() && !ctx_.config().auth_required)
    co_return;
  if (!errors.empty()) {
    const auto detail = errors.front().pointer + ' ' + errors.front().detail;
    co_await refuse({}, "validation_failed", detail);
    co_return;
  }
  caller bearer;
  bool valid = true;
  opening_.deadline = clock::now() + ctx_.config().request_timeout;
  try {
    bearer = co_await resolve_token(ctx_, opening_, token);
  } catch (const problem&) {
    valid = false;
  }
  if (!valid) {
    co_await refuse_token("the token is not valid (any more)");
  } else if (!subscriptions_.empty() && bearer.id != opening_.caller.id) {
    // The running subscriptions have the rights of the caller before.
    co_await refuse_token("the token is of somebody else");
  } else {
    opening_.caller = std::move(bearer);
    token_end_.cancel();
    json_writer out;
    out.begin_object().member("type", "authenticated").member("id", opening_.caller.id);
    if (opening_.caller.until)
      out.member("expires_at", to_rfc3339(*opening_.caller.until));
    auto text = out.end_object().take();
    co_await send(std::move(text));
  }
}

} // namespace waybill::http
