#pragma once

#include "gateway/http/json_body.hpp"
#include "messages/order/order_changes.hpp"
#include "messages/order/orders.hpp"

#include <optional>
#include <string>
#include <vector>

namespace waybill::http {

/// The order in a body, without prices and names. Adds everything that is wrong to `errors`.
place_order read_order(const boost::json::value& body, std::vector<field_error>& errors);

/// The members of `delivery` in a merge patch, which are laid over the present ones (RFC 7396).
struct delivery_patch {
  std::optional<std::string> name;
  std::optional<std::string> address;

  [[nodiscard]] bool is_part() const { return name.has_value() != address.has_value(); }
  [[nodiscard]] order::recipient over(const order::recipient& present) const {
    return {name.value_or(present.name), address.value_or(present.address)};
  }
};

/// The changes of an order in a merge patch, likewise. A delivery of which only a part is given is put into `delivery`.
change_order read_change(const boost::json::value& body, delivery_patch& delivery, std::vector<field_error>& errors);

} // namespace waybill::http
