#include "domain/base/json_writer.hpp"
#include "gateway/auth/authentication.hpp"
#include "gateway/http/json_body.hpp"
#include "gateway/streams/websocket.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/json/value.hpp>

#include <algorithm>

// Whose a WebSocket is, and until when.

namespace waybill::http {

namespace ws = boost::beast::websocket;

namespace {

/// How long a client that sent no token with its request may take to send one in a frame.
constexpr milliseconds first_token_time{10'000};
constexpr milliseconds piece{60'000};
/// "Unauthorized" in IANA's registry of WebSocket close codes.
constexpr auto unauthorized = static_cast<ws::close_code>(3000);

} // namespace

task<void> websocket::watch_token() {
  while (!ended_ && close_code_ == ws::close_code::none) {
    const bool known = asked_.who.is_anybody();
    const auto end = known ? asked_.who.until.value_or(timestamp::max()) : opened_ + first_token_time;
    if (end <= now()) {
      close_with(unauthorized);
      co_return;
    }
    // The wait is cut into pieces, because clocks are set and a token may take the place of another.
    token_end_.expires_after(std::min(std::chrono::duration_cast<milliseconds>(end - now()) + milliseconds{1}, piece));
    error_code ignored;
    co_await token_end_.async_wait(net::redirect_error(use_task, ignored));
  }
}

task<void> websocket::turn_away(std::string_view why) {
  // Not queued: what waits there is no longer sent.
  json_writer out;
  out.begin_object().member("type", "error").member("code", "unauthenticated").member("detail", why);
  last_words_ = out.end_object().take();
  close_with(unauthorized);
  co_return;
}

task<void> websocket::authenticate(const boost::json::value& frame) {
  std::vector<field_error> errors;
  object_reader from{frame, "", errors};
  from.optional("type");
  const auto token = from.text("token", {1, 4096});
  from.finish();
  // Where everybody is the demo user, no token is needed, and a page may send none.
  if (!errors.empty() && !home_.config().auth_required)
    co_return;
  if (!errors.empty()) {
    const auto what = errors.front().pointer + ' ' + errors.front().detail;
    co_await refuse({}, "validation_failed", what);
    co_return;
  }
  caller who;
  bool holds = true;
  asked_.deadline = clock::now() + home_.config().request_timeout;
  try {
    who = co_await resolve_token(home_, asked_, token);
  } catch (const problem& what) {
    holds = false;
  }
  if (!holds) {
    co_await turn_away("the token is not valid (any more)");
  } else if (!subscriptions_.empty() && who.id != asked_.who.id) {
    // What runs would go on with the rights of another.
    co_await turn_away("the token is of somebody else");
  } else {
    asked_.who = std::move(who);
    token_end_.cancel();
    json_writer out;
    out.begin_object().member("type", "authenticated").member("id", asked_.who.id);
    if (asked_.who.until)
      out.member("expires_at", to_rfc3339(*asked_.who.until));
    auto text = out.end_object().take();
    co_await send(std::move(text));
  }
}

} // namespace waybill::http
