#pragma once

#include "messages/journal/queries.hpp"
#include "persistence/database/query_builder.hpp"

#include <string>

/// What all lists share.
namespace waybill {

/// A page of the states that `sql` selects, a statement without its limit. Throws what SOCI throws.
state_page fetch_states(query_builder& builder, const std::string& sql, std::uint32_t limit);

/// The limit of a query for a page: one row more, which tells whether there is a next page.
std::string limit_of_page(std::uint32_t limit);

} // namespace waybill
