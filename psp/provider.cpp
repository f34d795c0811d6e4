#include "psp/provider.hpp"

#include "domain/base/codec.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cstdlib>

namespace waybill::psp {

namespace asio = boost::asio;
using provider_protocol::operation_request;
using provider_protocol::status;

namespace {

/// For demonstrations: what comes beyond it is refused.
constexpr std::size_t most_entries = 1'000'000;

reply problem(unsigned status, const std::string& title) {
  // All titles are ours: nothing to escape.
  return {status, R"({"title":")" + title + R"(","status":)" + std::to_string(status) + "}", end::answer, {}};
}

std::string percent_decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto value = text[i] == '%' && i + 2 < text.size() ? text.substr(i + 1, 2) : std::string_view{};
    if (value.size() == 2) {
      out += static_cast<char>(std::strtol(std::string{value}.c_str(), nullptr, 16));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

/// What the token asks for beyond its outcome, which the ledger decides. Once: a key that comes again gets its answer.
struct conduct {
  end how = end::answer;
  unsigned status = 200;
  bool charges = true;
  bool pending = false;
  milliseconds wait{0};
};

conduct conduct_of(const operation_request& what, const server_settings& settings) {
  conduct how;
  if (what.operation != payment::operation::authorize)
    return how;
  const auto& token = what.token;
  if (token == "tok_timeout" || token == "tok_timeout_charged") {
    how.how = end::silence;
    how.charges = token == "tok_timeout_charged";
  } else if (token == "tok_error" || token == "tok_error_charged") {
    how.status = 500;
    how.charges = token == "tok_error_charged";
  } else if (token == "tok_reset_charged") {
    how.how = end::reset;
  } else if (token == "tok_slow") {
    how.wait = settings.slow;
  } else if (token == "tok_late" || token == "tok_late_callback") {
    how.pending = true;
    how.how = token == "tok_late" ? end::silence : end::answer;
  }
  return how;
}

reply answer_of(const provider_protocol::operation& what) {
  return {what.status == status::pending ? 202U : 200U, encode(what), end::answer, {}};
}

} // namespace

reply provider::take(const asked& what) {
  const auto& target = what.target;
  if (!settings_.secret.empty() && what.authorization != "Bearer " + settings_.secret)
    return problem(401, "the token is not known");
  if (target == "/ledger" && !what.post)
    return {200, encode(ledger_.contents()), end::answer, {}};
  if (target == provider_protocol::operations_path && what.post)
    return call(what.key, what.body);
  const auto prefix = std::string{provider_protocol::operations_path} + '/';
  if (!target.starts_with(prefix))
    return problem(404, "there is nothing here");
  auto key = target.substr(prefix.size());
  if (!what.post)
    return look_up(percent_decode(key));
  if (!key.ends_with(provider_protocol::close_suffix))
    return problem(405, "not with this method");
  key.resize(key.size() - provider_protocol::close_suffix.size());
  return close(percent_decode(key));
}

reply provider::call(const std::string& key, const std::string& body) {
  const auto what = decode<operation_request>(body);
  if (key.empty() || !what)
    return problem(400, "not an operation with an Idempotency-Key");
  if (auto* known = ledger_.find(key)) {
    ++known->calls;
    const auto& done = known->operation;
    const bool same =
      known->closed
      || (done.operation == what->operation && done.payment == what->payment && done.amount == what->amount);
    return same ? answer_of(done) : problem(422, "the key was used for something else");
  }
  if (ledger_.size() >= most_entries)
    return problem(503, "the books are full");
  return begin(key, *what);
}

reply provider::begin(const std::string& key, const operation_request& what) {
  auto how = conduct_of(what, settings_);
  if (what.operation == payment::operation::authorize && what.token == "tok_flaky" && ++failures_[key] <= 2)
    return problem(503, "not well");
  failures_.erase(key);
  if (how.pending) {
    ++ledger_.begin(key, what).calls;
    asio::co_spawn(io_, settle_later(key, what), asio::detached);
  } else if (how.charges) {
    auto& done = ledger_.settle(key, what);
    ++done.calls;
    tell(done.operation, what);
  }
  auto answer = how.charges || how.pending ? answer_of(ledger_.find(key)->operation) : reply{};
  if (how.status != 200)
    answer = problem(how.status, "not well");
  answer.how = how.how;
  answer.wait = how.wait;
  return answer;
}

asio::awaitable<void> provider::settle_later(std::string key, operation_request what) {
  asio::steady_timer timer{io_, settings_.late};
  co_await timer.async_wait(asio::use_awaitable);
  const auto* known = ledger_.find(key);
  const auto calls = known->calls;
  if (known->operation.status != status::pending)
    co_return;
  auto& done = ledger_.settle(key, what);
  done.calls = calls;
  tell(done.operation, what);
}

void provider::tell(const operation& done, const operation_request& what) {
  if (!callbacks_)
    return;
  callbacks_->tell(done);
  if (what.token == "tok_duplicate_callback")
    callbacks_->tell(done);
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
