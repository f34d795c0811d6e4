#include "domain/json/json_writer.hpp"
#include "gateway/auth/authentication.hpp"
#include "gateway/http/json_body.hpp"
#include "gateway/streams/websocket.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <utility>

// The token of a WebSocket: who its caller is, until when, and with which rights.

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

void websocket::refuse_token(std::string_view code, std::string_view detail, close_code closing) {
  if (close_code_ != close_code::none)
    return;
  // Not queued: the frames in the queue are no longer sent.
  json_writer out;
  out.begin_object().member("type", "error").member("code", code).member("detail", detail);
  last_frame_ = out.end_object().take();
  close_with(closing);
}

task<void> websocket::authenticate(const boost::json::value& frame) {
  std::vector<field_error> errors;
  object_reader from{frame, "", errors};
  from.optional("type");
  const auto token = from.text("token", {1, 4096});
  from.finish();
  // Without authentication everybody is the demo user, and a page sends a frame without a token.
  const auto about_token = [](const field_error& error) { return error.pointer == "/token"; };
  if (!errors.empty() && !ctx_.config().auth_required && std::ranges::all_of(errors, about_token))
    co_return;
  const bool refused = co_await refuse_invalid({}, errors);
  if (refused)
    co_return;
  caller bearer;
  std::optional<problem> wrong;
  opening_.deadline = clock::now() + ctx_.config().request_timeout;
  try {
    bearer = co_await resolve_token(ctx_, opening_, token);
  } catch (const problem& error) {
    wrong = error;
  }
  if (ended_ || close_code_ != close_code::none)
    co_return;
  if (wrong && wrong->status != 401) {
    // It may be a good token: the client comes back with it.
    refuse_token(wrong->code, wrong->detail, close_code::try_again_later);
  } else if (wrong) {
    refuse_token("unauthenticated", "the token is not valid (any more)", close_code::unauthorized);
  } else if (!subscriptions_.empty() && bearer.id != opening_.caller.id) {
    // The running subscriptions have the rights of the caller before.
    refuse_token("unauthenticated", "the token is of somebody else", close_code::unauthorized);
  } else {
    replace_caller(std::move(bearer));
    token_end_.cancel();
    json_writer out;
    out.begin_object().member("type", "authenticated").member("id", opening_.caller.id);
    if (opening_.caller.until)
      out.member("expires_at", *opening_.caller.until);
    auto text = out.end_object().take();
    co_await send(std::move(text));
  }
}

void websocket::replace_caller(caller next) {
  const auto before = std::exchange(opening_.caller, std::move(next));
  // A token with other rights may be newer than what was last looked up.
  if (before.id != opening_.caller.id || before.roles != opening_.caller.roles)
    watch_caller();
  if ((before.roles & opening_.caller.roles) != before.roles)
    end_forbidden();
}

void websocket::watch_caller() {
  watched_.reset();
  if (!opening_.caller.authenticated)
    return;
  watched_ = ctx_.callers().add(opening_.caller.id, [weak = weak_from_this()](std::optional<role_set> roles) {
    if (auto self = weak.lock())
      self->on_roles(roles);
  });
}

/// A role that was given to the account meanwhile comes with the next token only.
void websocket::on_roles(std::optional<role_set> roles) {
  if (!roles) {
    refuse_token("unauthenticated", "the account or the key has no rights any more", close_code::unauthorized);
    return;
  }
  const auto kept = opening_.caller.roles & *roles;
  if (kept == opening_.caller.roles)
    return;
  opening_.caller.roles = kept;
  end_forbidden();
}

} // namespace waybill::http
