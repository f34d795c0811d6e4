#pragma once

#include "persistence/database/store_config.hpp"

namespace waybill::test {

/// Fills a migrated database with what a shop with a million orders leaves behind: nearly all of it is over. One
/// product (`large::product`), customer, courier and webhook endpoint have a great part of it each.
void fill_with_history(const store_config& store);

namespace large {

inline constexpr auto product = "prd_00000000000000000000";
inline constexpr auto customer = "cus_00000000000000000000";
inline constexpr auto courier = "cur_00000000000000000000";
inline constexpr auto endpoint = "whk_00000000000000000000";
/// An order that was completed, and its delivery.
inline constexpr auto order = "ord_00000000000000400001";
inline constexpr auto delivery = "dlv_00000000000000200001";

} // namespace large

} // namespace waybill::test
