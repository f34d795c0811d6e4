#include "outbound/connection_pool.hpp"

#include "outbound/address_policy.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <cerrno>

#include <sys/socket.h>

namespace waybill::outbound {

namespace {

using tcp = asio::ip::tcp;

/// Names that may be resolved or wait for it.
constexpr std::size_t max_resolving = 256;

/// Whether nothing came since the last answer: what comes then is the end, and a request would be lost to it.
bool is_open(connection& idle) {
  char octet = 0;
  return ::recv(idle.transport().socket().native_handle(), &octet, 1, MSG_PEEK | MSG_DONTWAIT) < 0
         && (errno == EAGAIN || errno == EWOULDBLOCK);
}

/// A name that is looked up on another thread.
struct lookup {
  explicit lookup(asio::io_context& io) : ended(io) {}
  asio::steady_timer ended;
  bool done = false;
  error_code code;
  std::vector<tcp::endpoint> found;
};

} // namespace

// -- places -----------------------------------------------------------------------------------------------------------

asio::awaitable<std::unique_ptr<connection_pool::place>> connection_pool::take_place(const http_url& url,
                                                                                     clock::time_point deadline) {
  if (stopping_)
    co_return nullptr;
  auto& known = sites_[url.origin()];
  if (!known) {
    known = std::make_shared<site>();
    known->origin = url.origin();
  }
  const auto where = known;
  if (where->busy < options_.max_connections_per_host) {
    ++where->busy;
    co_return std::make_unique<place>(*this, where);
  }
  waiter me{asio::steady_timer{io_, deadline}};
  where->waiting.push_back(&me);
  co_await wait(me.timer);
  if (me.granted)
    co_return std::make_unique<place>(*this, where);
  std::erase(where->waiting, &me);
  co_return nullptr;
}

void connection_pool::release(site& where) {
  if (!where.waiting.empty()) {
    auto* next = where.waiting.front();
    where.waiting.pop_front();
    next->granted = true;
    next->timer.cancel();
    return;
  }
  if (--where.busy == 0 && where.idle.empty())
    sites_.erase(where.origin);
}

std::unique_ptr<connection> connection_pool::place::take_idle() {
  auto& idle = where_->idle;
  while (!idle.empty()) {
    auto found = std::move(idle.back());
    idle.pop_back();
    if (clock::now() - found->idle_since < pool_.options_.max_idle && is_open(*found))
      return found;
  }
  return nullptr;
}

void connection_pool::place::give_back(std::unique_ptr<connection> done) {
  if (pool_.stopping_)
    return;
  done->transport().expires_never();
  done->idle_since = clock::now();
  where_->idle.push_back(std::move(done));
  if (!std::exchange(pool_.sweeping_, true))
    asio::co_spawn(pool_.io_, pool_.close_idle(), asio::detached);
}

/// Closes what was idle for too long, also towards hosts that nobody asks any more.
asio::awaitable<void> connection_pool::close_idle() {
  bool any = true;
  while (any && !stopping_) {
    sweep_.expires_after(options_.max_idle);
    co_await wait(sweep_);
    any = drop_old();
  }
  sweeping_ = false;
}

bool connection_pool::drop_old() {
  bool any = false;
  for (auto at = sites_.begin(); at != sites_.end();) {
    auto& where = *at->second;
    std::erase_if(where.idle, [&](const auto& one) { return clock::now() - one->idle_since >= options_.max_idle; });
    any = any || !where.idle.empty();
    at = where.idle.empty() && where.busy == 0 ? sites_.erase(at) : std::next(at);
  }
  return any;
}

// -- connecting -------------------------------------------------------------------------------------------------------

asio::awaitable<error_code> connection_pool::connect(connection& target, const http_url& url,
                                                     clock::time_point deadline) {
  addresses peers;
  error_code code = co_await resolve(url, deadline, peers);
  if (!code && options_.targets == target_policy::public_only) {
    std::erase_if(peers, [](const tcp::endpoint& one) { return !is_public(one.address()); });
    if (peers.empty())
      code = asio::error::access_denied;
  }
  if (code || stopping_)
    co_return code ? code : error_code{asio::error::operation_aborted};
  const watched seen{*this, target};
  target.transport().expires_at(std::min(deadline, clock::now() + options_.connect_timeout));
  co_await target.transport().async_connect(peers, asio::redirect_error(asio::use_awaitable, code));
  if (code)
    co_return code;
  target.transport().socket().set_option(tcp::no_delay{true}, code);
  if (!code && target.tls)
    code = co_await shake_hands(target, url);
  co_return code;
}

asio::awaitable<error_code> connection_pool::shake_hands(connection& target, const http_url& url) {
  error_code code;
  asio::ip::make_address(url.host, code);
  // An address is no server name (RFC 6066, section 3).
  if (code && SSL_set_tlsext_host_name(target.tls->native_handle(), url.host.c_str()) != 1)
    co_return error_code{static_cast<int>(ERR_get_error()), asio::error::get_ssl_category()};
  target.tls->set_verify_callback(asio::ssl::host_name_verification{url.host}, code);
  if (code)
    co_return code;
  co_await target.tls->async_handshake(asio::ssl::stream_base::client, asio::redirect_error(asio::use_awaitable, code));
  co_return code;
}

asio::awaitable<error_code> connection_pool::resolve(const http_url& url, clock::time_point deadline,
                                                     addresses& found) {
  error_code code;
  if (const auto address = asio::ip::make_address(url.host, code); !code) {
    found.emplace_back(address, url.port);
    co_return code;
  }
  if (resolving_ >= max_resolving)
    co_return error_code{asio::error::try_again};
  ++resolving_;
  const auto job = std::make_shared<lookup>(io_);
  job->ended.expires_at(std::min(deadline, clock::now() + options_.resolve_timeout));
  asio::post(resolvers_, [this, job, host = url.host, port = url.port] {
    asio::io_context own;
    error_code trouble;
    const auto results = tcp::resolver{own}.resolve(host, std::to_string(port), trouble);
    std::vector<tcp::endpoint> peers;
    for (const auto& one : results)
      peers.push_back(one.endpoint());
    --resolving_;
    asio::post(io_, [job, trouble, peers = std::move(peers)]() mutable {
      job->done = true;
      job->code = trouble;
      job->found = std::move(peers);
      job->ended.cancel();
    });
  });
  co_await wait(job->ended);
  if (!job->done)
    co_return error_code{stopping_ ? asio::error::operation_aborted : asio::error::timed_out};
  found = std::move(job->found);
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
  for (auto* one : open_)
    one->transport().close();
  for (auto& [origin, where] : sites_)
    where->idle.clear();
}

} // namespace waybill::outbound
