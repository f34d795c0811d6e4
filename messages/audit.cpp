#include "messages/audit.hpp"

namespace waybill {

std::string audit_unit_of(const std::string& stream) {
  if (is_id(stream, payment_id::prefix()))
    return sibling_id<order_id>(payment_id{stream}).value;
  if (is_id(stream, delivery_id::prefix()))
    return sibling_id<order_id>(delivery_id{stream}).value;
  return stream;
}

} // namespace waybill
