#pragma once

#include "psp/callbacks.hpp"
#include "psp/ledger.hpp"
#include "psp/server.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

namespace waybill::psp {

/// What the caller gets.
enum class reply_kind : std::uint8_t {
  answer,
  /// No answer until the caller gives up.
  silence,
  /// The connection is reset (RST).
  reset
};

struct reply {
  unsigned status = 200;
  std::string body = {};
  reply_kind kind = reply_kind::answer;
  milliseconds wait{0};
};

/// The parts of an HTTP request that the provider reads.
struct provider_request {
  bool post = false;
  std::string target;
  std::string authorization;
  std::string key;
  std::string body;
};

/// The payment provider without its sockets: the ledger, and the faults that payment tokens ask for. Belongs to one
/// io_context with one thread.
class provider {
public:
  provider(boost::asio::io_context& io, server_settings settings) : io_(io), settings_(std::move(settings)) {}

  reply handle(const provider_request& request);

  /// From now on the results of operations are sent to `shop`.
  void call_back(callbacks shop) { callbacks_.emplace(std::move(shop)); }

private:
  using operation = provider_protocol::operation;
  using operation_request = provider_protocol::operation_request;

  reply call(const std::string& key, const std::string& body);
  reply begin(const std::string& key, const operation_request& request);
  reply look_up(const std::string& key);
  reply close(const std::string& key);
  boost::asio::awaitable<void> settle_later(std::string key, operation_request request);
  void send_callback(const operation& done, const operation_request& request);

  boost::asio::io_context& io_;
  const server_settings settings_;
  ledger ledger_;
  std::optional<callbacks> callbacks_;
  /// How often `tok_flaky` failed, by key.
  std::unordered_map<std::string, int> failures_;
};

} // namespace waybill::psp
