#pragma once

#include "domain/order/status.hpp"

#include <string>
#include <string_view>
#include <vector>

/// How lists of orders know an order's status. One that is confirmed is listed as placed until it is fulfilled: most
/// are confirmed for a moment only, and a list of them is seldom asked for. It looks into the states.
namespace waybill::order {

/// The status in the list of an order of status `s`.
status listed_as(status s) noexcept;

/// Whether `listed` may stand in the list for an order of status `s`; earlier programs listed each status as it was.
bool may_be_listed_as(status s, std::string_view listed);

/// The statuses in the list among which the orders of one of `wanted` (names of statuses; empty: all) are.
std::vector<std::string> listed_statuses(const std::vector<std::string>& wanted);

/// The list does not tell orders of `wanted` from others that are listed alike.
bool needs_state(const std::vector<std::string>& wanted);

} // namespace waybill::order
