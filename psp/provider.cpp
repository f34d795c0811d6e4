#include "psp/provider.hpp"

#include "domain/json/codec.hpp"
#include "outbound/http_url.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace waybill::psp {

namespace asio = boost::asio;
using provider_protocol::operation_request;
using provider_protocol::status;

namespace {

/// Enough for demonstrations; further keys are refused.
constexpr std::size_t max_entries = 1'000'000;

reply problem(unsigned status, const std::string& title) {
  // The titles are constants: nothing needs escaping.
  return {status, R"({"title":")" + title + R"(","status":)" + std::to_string(status) + "}", reply_kind::answer, {}};
}

/// What the token asks for besides the result, which the ledger decides. Only for the first request of a key.
struct conduct {
  reply_kind kind = reply_kind::answer;
  unsigned status = 200;
  bool charges = true;
  bool pending = false;
  milliseconds wait{0};
};

conduct conduct_of(const operation_request& request, const server_settings& settings) {
  conduct conduct;
  if (request.operation != payment::operation::authorize)
    return conduct;
  const auto& token = request.token;
  if (token == "tok_timeout" || token == "tok_timeout_charged") {
    conduct.kind = reply_kind::silence;
    conduct.charges = token == "tok_timeout_charged";
  } else if (token == "tok_error" || token == "tok_error_charged") {
    conduct.status = 500;
    conduct.charges = token == "tok_error_charged";
  } else if (token == "tok_reset_charged") {
    conduct.kind = reply_kind::reset;
  } else if (token == "tok_slow") {
    conduct.wait = settings.slow;
  } else if (token == "tok_late" || token == "tok_late_callback") {
    conduct.pending = true;
    conduct.kind = token == "tok_late" ? reply_kind::silence : reply_kind::answer;
  }
  return conduct;
}

reply answer_of(const provider_protocol::operation& operation) {
  return {operation.status == status::pending ? 202U : 200U, encode(operation), reply_kind::answer, {}};
}

} // namespace

reply provider::handle(const provider_request& request) {
  const auto& target = request.target;
  if (!settings_.secret.empty() && request.authorization != "Bearer " + settings_.secret)
    return problem(401, "the token is not known");
  if (target == "/ledger" && !request.post)
    return {200, encode(ledger_.contents()), reply_kind::answer, {}};
  if (target == provider_protocol::operations_path && request.post)
    return call(request.key, request.body);
  const auto prefix = std::string{provider_protocol::operations_path} + '/';
  if (!target.starts_with(prefix))
    return problem(404, "not found");
  auto key = target.substr(prefix.size());
  if (!request.post)
    return look_up(outbound::percent_decode(key));
  if (!key.ends_with(provider_protocol::close_suffix))
    return problem(405, "method not allowed");
  key.resize(key.size() - provider_protocol::close_suffix.size());
  return close(outbound::percent_decode(key));
}

reply provider::call(const std::string& key, const std::string& body) {
  const auto request = decode<operation_request>(body);
  if (key.empty() || !request)
    return problem(400, "not an operation with an Idempotency-Key");
  if (auto* known = ledger_.find(key)) {
    ++known->calls;
    const auto& done = known->operation;
    const bool same =
      known->closed
      || (done.operation == request->operation && done.payment == request->payment && done.amount == request->amount);
    return same ? answer_of(done) : problem(422, "the key was used for something else");
  }
  if (ledger_.size() >= max_entries)
    return problem(503, "the ledger is full");
  return begin(key, *request);
}

reply provider::begin(const std::string& key, const operation_request& request) {
  const auto conduct = conduct_of(request, settings_);
  if (request.operation == payment::operation::authorize && request.token == "tok_flaky" && ++failures_[key] <= 2)
    return problem(503, "fails on purpose");
  failures_.erase(key);
  if (conduct.pending) {
    ++ledger_.begin(key, request).calls;
    asio::co_spawn(io_, settle_later(key, request), asio::detached);
  } else if (conduct.charges) {
    auto& done = ledger_.settle(key, request);
    ++done.calls;
    send_callback(done.operation, request);
  }
  auto answer = conduct.charges || conduct.pending ? answer_of(ledger_.find(key)->operation) : reply{};
  if (conduct.status != 200)
    answer = problem(conduct.status, "fails on purpose");
  answer.kind = conduct.kind;
  answer.wait = conduct.wait;
  return answer;
}

asio::awaitable<void> provider::settle_later(std::string key, operation_request request) {
  asio::steady_timer timer{io_, settings_.late};
  co_await timer.async_wait(asio::use_awaitable);
  const auto* known = ledger_.find(key);
  const auto calls = known->calls;
  if (known->operation.status != status::pending)
    co_return;
  auto& done = ledger_.settle(key, request);
  done.calls = calls;
  send_callback(done.operation, request);
}

void provider::send_callback(const operation& done, const operation_request& request) {
  if (!callbacks_)
    return;
  callbacks_->send(done);
  if (request.token == "tok_duplicate_callback")
    callbacks_->send(done);
}

reply provider::look_up(const std::string& key) {
  const auto* known = ledger_.find(key);
  return known != nullptr ? answer_of(known->operation) : problem(404, "this key is not known");
}

reply provider::close(const std::string& key) {
  const auto* known = ledger_.find(key);
  return answer_of(known != nullptr ? known->operation : ledger_.close(key).operation);
}

} // namespace waybill::psp
