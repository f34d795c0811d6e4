#pragma once

#include "domain/base/result.hpp"
#include "domain/base/time.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace waybill::psp {

struct server_settings {
  /// An address of this machine; port zero takes any free one.
  std::string address = "127.0.0.1";
  std::uint16_t port = 4200;
  /// What callers must show as a Bearer token; empty: nothing.
  std::string secret = {};
  /// Where the result of every operation is sent; empty: nowhere.
  std::string callback_url = {};
  /// `whsec_...`; needed with a callback_url.
  std::string callback_secret = {};
  /// How long the answer to `tok_slow` takes.
  milliseconds slow{1'000};
  /// How long `tok_late` and `tok_late_callback` take.
  milliseconds late{3'000};
};

/// A payment provider that moves no money, with its own ledger in memory and the faults that payment tokens ask for
/// (docs/payment-provider.md). GET /ledger shows the ledger. Runs on its own thread.
class server {
public:
  /// Fails with ec::invalid_argument and ec::unavailable.
  static result<std::unique_ptr<server>> start(const server_settings& settings);
  /// Ends it; callbacks that are not sent yet are dropped.
  ~server();
  server(const server&) = delete;
  server& operator=(const server&) = delete;

  /// From now on the results of operations are sent there. Any thread, once at most. Fails with ec::invalid_argument.
  result<void> call_back(const std::string& url, const std::string& secret);

  [[nodiscard]] std::uint16_t port() const noexcept;
  /// `http://127.0.0.1:port`.
  [[nodiscard]] std::string url() const;

private:
  class impl;
  explicit server(std::unique_ptr<impl> made);
  std::unique_ptr<impl> impl_;
};

} // namespace waybill::psp
