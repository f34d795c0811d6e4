#pragma once

#include "outbound/http/connection_pool.hpp"
#include "outbound/http_messages.hpp"

#include <memory>

namespace waybill::outbound {

/// What http_client and api_client have in common: takes a request from the wait for a connection to its answer, and
/// repeats it once where that is safe. Runs on the pool's executor; the coroutines keep the pool.
class http_sender {
public:
  http_sender(asio::any_io_executor executor, http_client_options options, std::shared_ptr<tls_context> tls)
    : pool_(std::make_shared<connection_pool>(std::move(executor), std::move(options))), tls_(std::move(tls)) {}

  /// Fails as http_client::send.
  [[nodiscard]] asio::awaitable<http_result> send(http_request request) const {
    return perform(pool_, tls_, std::move(request));
  }

  [[nodiscard]] connection_pool& pool() const noexcept { return *pool_; }

private:
  static asio::awaitable<http_result> perform(std::shared_ptr<connection_pool> pool, std::shared_ptr<tls_context> tls,
                                              http_request request);

  std::shared_ptr<connection_pool> pool_;
  std::shared_ptr<tls_context> tls_;
};

http_failure going_down(bool sent);

} // namespace waybill::outbound
