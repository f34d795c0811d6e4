#include "outbound/http/connection_pool.hpp"

#include "outbound/address_policy.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

namespace waybill::outbound {

namespace {

using tcp = asio::ip::tcp;

/// Names that may be resolved at once, or wait for it.
constexpr std::size_t max_resolving = 256;
constexpr std::size_t resolver_threads = 4;

/// A name that is looked up on another thread.
struct lookup {
  explicit lookup(const asio::any_io_executor& executor) : ended(executor) {}
  asio::steady_timer ended;
  bool done = false;
  error_code code;
  std::vector<tcp::endpoint> addresses;
};

} // namespace

// -- slots ------------------------------------------------------------------------------------------------------------

asio::awaitable<std::unique_ptr<connection_pool::slot>> connection_pool::take_slot(std::string origin,
                                                                                   clock::time_point deadline) {
  if (stopping_)
    co_return nullptr;
  auto& known = hosts_[origin];
  if (!known) {
    known = std::make_shared<host>();
    known->origin = origin;
  }
  const auto target = known;
  if (target->busy < options_.max_connections_per_host) {
    ++target->busy;
    co_return std::make_unique<slot>(shared_from_this(), target);
  }
  waiter me{asio::steady_timer{executor_, deadline}};
  target->waiting.push_back(&me);
  co_await wait(me.timer);
  if (me.granted)
    co_return std::make_unique<slot>(shared_from_this(), target);
  std::erase(target->waiting, &me);
  co_return nullptr;
}

void connection_pool::release(host& target) {
  if (!target.waiting.empty()) {
    auto* next = target.waiting.front();
    target.waiting.pop_front();
    next->granted = true;
    next->timer.cancel();
    return;
  }
  if (--target.busy == 0 && target.idle.empty())
    hosts_.erase(target.origin);
}

std::unique_ptr<connection> connection_pool::slot::take_idle() {
  auto& idle = host_->idle;
  while (!idle.empty()) {
    auto newest = std::move(idle.back());
    idle.pop_back();
    if (clock::now() - newest->idle_since < pool_->options_.max_idle && newest->is_quiet())
      return newest;
  }
  return nullptr;
}

void connection_pool::slot::keep(std::unique_ptr<connection> idle) {
  if (pool_->stopping_)
    return;
  idle->expires_never();
  idle->idle_since = clock::now();
  host_->idle.push_back(std::move(idle));
}

bool connection_pool::close_expired() {
  const auto now = clock::now();
  bool any_left = false;
  for (auto entry = hosts_.begin(); entry != hosts_.end();) {
    auto& target = *entry->second;
    std::erase_if(target.idle, [&](const auto& idle) { return now - idle->idle_since >= options_.max_idle; });
    any_left = any_left || !target.idle.empty();
    entry = target.idle.empty() && target.busy == 0 ? hosts_.erase(entry) : std::next(entry);
  }
  return any_left;
}

// -- connecting -------------------------------------------------------------------------------------------------------

asio::awaitable<error_code> connection_pool::connect(connection& target, const http_url& url,
                                                     clock::time_point deadline) {
  addresses resolved;
  error_code code = co_await resolve(url, deadline, resolved);
  if (!code && options_.targets == target_policy::public_only) {
    std::erase_if(resolved, [](const tcp::endpoint& endpoint) { return !is_public(endpoint.address()); });
    if (resolved.empty())
      code = asio::error::access_denied;
  }
  if (code || stopping_)
    co_return code ? code : error_code{asio::error::operation_aborted};
  const in_use guard{*this, target};
  target.expires_at(std::min(deadline, clock::now() + options_.connect_timeout));
  code = co_await target.connect(std::move(resolved), url.host);
  co_return code;
}

asio::awaitable<error_code> connection_pool::resolve(const http_url& url, clock::time_point deadline,
                                                     addresses& resolved) {
  error_code code;
  if (const auto address = asio::ip::make_address(url.host, code); !code) {
    resolved.emplace_back(address, url.port);
    co_return code;
  }
  if (resolving_ >= max_resolving)
    co_return error_code{asio::error::try_again};
  ++resolving_;
  if (!resolvers_)
    resolvers_.emplace(resolver_threads);
  const auto job = std::make_shared<lookup>(executor_);
  job->ended.expires_at(std::min(deadline, clock::now() + options_.resolve_timeout));
  // The io_context must not end before the answer is posted to it.
  const auto back = asio::prefer(executor_, asio::execution::outstanding_work.tracked);
  asio::post(*resolvers_, [this, job, back, name = url.host, port = url.port] {
    asio::io_context own;
    error_code problem;
    const auto results = tcp::resolver{own}.resolve(name, std::to_string(port), problem);
    addresses answer;
    for (const auto& entry : results)
      answer.push_back(entry.endpoint());
    --resolving_;
    asio::post(back, [job, problem, answer = std::move(answer)]() mutable {
      job->done = true;
      job->code = problem;
      job->addresses = std::move(answer);
      job->ended.cancel();
    });
  });
  co_await wait(job->ended);
  if (!job->done)
    co_return error_code{stopping_ ? asio::error::operation_aborted : asio::error::timed_out};
  resolved = std::move(job->addresses);
  co_return job->code;
}

// -- the end ----------------------------------------------------------------------------------------------------------

asio::awaitable<void> connection_pool::wait(asio::steady_timer& timer) {
  error_code ignored;
  timers_.insert(&timer);
  co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  timers_.erase(&timer);
}

void connection_pool::stop() {
  stopping_ = true;
  for (auto* timer : timers_)
    timer->cancel();
  for (auto* connection : open_)
    connection->close();
  for (auto& [origin, target] : hosts_)
    target->idle.clear();
}

} // namespace waybill::outbound
