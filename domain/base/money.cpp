#include "domain/base/money.hpp"

#include "domain/base/currency.hpp"
#include "domain/base/errors.hpp"

namespace waybill {

result<money> add(const money& x, const money& y) {
  if (x.currency.empty() && x.is_zero())
    return y;
  if (y.currency.empty() && y.is_zero())
    return x;
  if (x.currency != y.currency)
    return failure{ec::invalid_argument, "cannot add " + y.currency + " to " + x.currency};
  money sum{0, x.currency};
  if (__builtin_add_overflow(x.amount, y.amount, &sum.amount))
    return failure{ec::invalid_argument, "the sum is too large"};
  return sum;
}

result<money> multiply(const money& unit, std::int64_t quantity) {
  money product{0, unit.currency};
  if (__builtin_mul_overflow(unit.amount, quantity, &product.amount))
    return failure{ec::invalid_argument, "the total is too large"};
  return product;
}

bool is_currency(std::string_view code) noexcept {
  return decimals_of(code).has_value();
}

} // namespace waybill
