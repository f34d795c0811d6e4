#pragma once

#include <string>
#include <string_view>

namespace soci {
class session;
}

namespace waybill {

/// The texts by which the rows of products are found. Both databases compare them octet by octet, so that they find the
/// same: neither folds the case of all letters by itself.

/// The SKU as it must be unique.
std::string unique_sku(std::string_view sku);

/// What the words of a search are looked for in.
std::string search_text(std::string_view sku, std::string_view name);

/// Writes these texts into rows that were made before migration 0013, within the transaction under way. Of SKUs that
/// were different then and are the same now the first keeps its own; the others stay findable, and take a free SKU when
/// theirs is changed.
void fill_product_texts(soci::session& session);

} // namespace waybill
