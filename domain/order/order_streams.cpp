#include "domain/order/order_streams.hpp"

#include "domain/base/ids.hpp"
#include "domain/order/revision.hpp"

namespace waybill {

std::vector<std::string> streams_of_order(const std::string& order) {
  if (!order.starts_with(order_id::prefix()))
    return {order};
  const order_id id{order};
  return {order, sibling_id<payment_id>(id).value, sibling_id<delivery_id>(id).value};
}

std::string further_payments_of(const std::string& order) {
  if (!order.starts_with(order_id::prefix()))
    return {};
  auto first = order::payment_of(order_id{order}, 1).value;
  first.pop_back(); // its number
  return first;
}

bool is_stream_of_order(std::string_view stream, std::string_view order) noexcept {
  constexpr auto prefix = order_id::prefix().size();
  if (!order.starts_with(order_id::prefix()) || stream.size() <= prefix)
    return stream == order;
  const auto kind = stream.substr(0, prefix);
  const auto suffix = stream.substr(prefix);
  if (kind == payment_id::prefix() && order::without_number(suffix) == order.substr(prefix))
    return true;
  return suffix == order.substr(prefix)
         && (kind == order_id::prefix() || kind == payment_id::prefix() || kind == delivery_id::prefix());
}

} // namespace waybill
