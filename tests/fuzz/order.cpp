#include "domain/base/errors.hpp"
#include "domain/json/utf8.hpp"
#include "gateway/routes/orders/order_body.hpp"
#include "tests/fuzz/target.hpp"

using namespace waybill;
using namespace waybill::http;

/// From the body of POST /v1/orders to the command: an accepted body is within the documented limits of the API.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto body = parse_json(fuzz::view(data, size));
  if (!body) {
    fuzz::require(body.error().code == ec::invalid_argument && !body.error().detail.empty());
    return 0;
  }
  std::vector<field_error> errors;
  const auto order = read_order(*body, errors);
  if (!errors.empty()) {
    for (const auto& error : errors)
      fuzz::require(!error.detail.empty() && is_utf8(error.pointer) && is_utf8(error.detail));
    return 0;
  }
  fuzz::require(!order.lines.empty() && order.lines.size() <= 100);
  for (const auto& line : order.lines)
    fuzz::require(line.quantity >= 1 && line.quantity <= 10'000 && !line.product.value.empty());
  fuzz::require(!order.payment.method.empty() && !order.payment.token.empty());
  fuzz::require(is_utf8(order.delivery.name) && is_utf8(order.delivery.address) && is_utf8(order.note));
  return 0;
}
