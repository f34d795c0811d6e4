#pragma once

#include "gateway/limits/rate_limits.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace waybill::http {

class http_metrics;

/// Takes what one request costs from the shares of whoever sends it. The connection takes the share of its route; a
/// handler takes more when it turns out that the request verifies or makes a password.
class request_charge {
public:
  /// `address`: as address_key gives it.
  request_charge(rate_limits& rates, http_metrics& metrics, std::string address)
    : rates_(rates), metrics_(metrics), address_(std::move(address)) {}

  /// Takes one token out of the bucket `key`, if that is not empty. Throws a problem with status 429 when it has none.
  void take(rate_class which, std::string_view key);

  /// The same of the address that the request comes from.
  void take_of_address(rate_class which) { take(which, address_); }

  /// The same of the account that somebody tries to get into, `name` being its e-mail address or its id, whoever tries
  /// and from wherever. Only where the address counts too.
  void take_of_account(std::string_view name);

  /// The bucket that was the nearest to its end; `none` when nothing was taken.
  [[nodiscard]] const rate_limits::verdict& tightest() const noexcept { return tightest_; }

private:
  rate_limits& rates_;
  http_metrics& metrics_;
  std::string address_;
  rate_limits::verdict tightest_;
};

} // namespace waybill::http
