#pragma once

#include "domain/base/result.hpp"

#include <boost/describe/class.hpp>

#include <compare>
#include <cstdint>
#include <string>

namespace waybill {

/// An amount in the minor units of an ISO 4217 currency: {1299, "EUR"} is 12.99 euros. Never a fraction.
struct money {
  std::int64_t amount = 0;
  std::string currency;

  [[nodiscard]] bool is_zero() const noexcept { return amount == 0; }
  friend bool operator==(const money&, const money&) = default;
};
BOOST_DESCRIBE_STRUCT(money, (), (amount, currency))

/// `x + y`; fails with ec::invalid_argument on different currencies or an overflow. A zero without a currency is
/// neutral.
result<money> add(const money& x, const money& y);

/// `unit * quantity`; fails with ec::invalid_argument on an overflow.
result<money> multiply(const money& unit, std::int64_t quantity);

/// Whether `code` is a currency of ISO 4217, see currency.hpp.
bool is_currency(std::string_view code) noexcept;

} // namespace waybill
