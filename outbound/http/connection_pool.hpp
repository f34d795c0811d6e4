#pragma once

#include "outbound/http/connection.hpp"
#include "outbound/http_messages.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>

#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

namespace waybill::outbound {

/// Connections by host, kept while they are idle. Everything runs on one executor, which is a strand or the one thread
/// of an io_context; only names are resolved on threads of their own.
class connection_pool : public std::enable_shared_from_this<connection_pool> {
  struct host;

public:
  /// The right to have one connection to a host open. When it ends, the request that has waited longest gets it.
  class slot {
  public:
    slot(std::shared_ptr<connection_pool> pool, std::shared_ptr<host> target)
      : pool_(std::move(pool)), host_(std::move(target)) {}
    ~slot() { pool_->release(*host_); }
    slot(const slot&) = delete;
    slot& operator=(const slot&) = delete;

    /// Null when no kept connection is still good.
    std::unique_ptr<connection> take_idle();
    void keep(std::unique_ptr<connection> idle);

  private:
    std::shared_ptr<connection_pool> pool_;
    std::shared_ptr<host> host_;
  };

  /// While it lives, stop() closes the connection.
  class in_use {
  public:
    in_use(connection_pool& pool, connection& used) : pool_(pool), connection_(used) { pool_.open_.insert(&used); }
    ~in_use() { pool_.open_.erase(&connection_); }
    in_use(const in_use&) = delete;
    in_use& operator=(const in_use&) = delete;

  private:
    connection_pool& pool_;
    connection& connection_;
  };

  connection_pool(asio::any_io_executor executor, http_client_options options)
    : executor_(std::move(executor)), options_(std::move(options)) {}

  /// Null when none came free until the deadline, or after stop().
  asio::awaitable<std::unique_ptr<slot>> take_slot(std::string origin, clock::time_point deadline);

  /// Resolves the name, connects and, with TLS, shakes hands.
  asio::awaitable<error_code> connect(connection& target, const http_url& url, clock::time_point deadline);

  /// Closes the connections that are idle for too long, also to hosts that nobody asks any more. False when no idle one
  /// is left.
  bool close_expired();

  /// Ends everything that is under way. Names that are being resolved end by themselves; run() of the io_context waits
  /// for them.
  void stop();
  [[nodiscard]] bool stopping() const noexcept { return stopping_; }
  [[nodiscard]] const asio::any_io_executor& executor() const noexcept { return executor_; }
  [[nodiscard]] const http_client_options& options() const noexcept { return options_; }

private:
  using addresses = std::vector<asio::ip::tcp::endpoint>;

  struct waiter {
    asio::steady_timer timer;
    bool granted = false;
  };

  struct host {
    std::string origin;
    std::vector<std::unique_ptr<connection>> idle;
    std::deque<waiter*> waiting;
    std::size_t busy = 0;
  };

  asio::awaitable<void> wait(asio::steady_timer& timer);
  asio::awaitable<error_code> resolve(const http_url& url, clock::time_point deadline, addresses& resolved);
  void release(host& target);

  const asio::any_io_executor executor_;
  const http_client_options options_;
  std::map<std::string, std::shared_ptr<host>> hosts_;
  std::unordered_set<connection*> open_;
  std::unordered_set<asio::steady_timer*> timers_;
  bool stopping_ = false;
  std::atomic<std::size_t> resolving_ = 0;
  /// Made for the first name. Four: the system's resolver can take long, and a name server that is away must not hold
  /// up the names of others.
  std::optional<asio::thread_pool> resolvers_;
};

} // namespace waybill::outbound
