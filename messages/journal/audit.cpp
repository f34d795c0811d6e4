#include "messages/journal/audit.hpp"

#include "domain/order/revision.hpp"

namespace waybill {

std::string audit_unit_of(const std::string& stream) {
  // A payment may have a number, of the revision of the order that it is for.
  const std::string base{order::without_number(stream)};
  if (is_id(base, payment_id::prefix()))
    return sibling_id<order_id>(payment_id{base}).value;
  if (is_id(base, delivery_id::prefix()))
    return sibling_id<order_id>(delivery_id{base}).value;
  return stream;
}

} // namespace waybill
