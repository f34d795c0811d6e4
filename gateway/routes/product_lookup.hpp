#pragma once

#include "gateway/context/context.hpp"

#include <utility>
#include <vector>

namespace waybill::http::routes::products {

/// Asks for all of the products at once.
task<std::vector<std::pair<product_id, result<product_view>>>> fetch_products(context& ctx,
                                                                              std::vector<product_id> ids);

} // namespace waybill::http::routes::products
