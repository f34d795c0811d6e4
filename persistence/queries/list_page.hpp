#pragma once

#include "messages/journal/queries.hpp"
#include "persistence/database/query_builder.hpp"

#include <cstdint>
#include <string>
#include <vector>

/// What all lists share.
namespace waybill {

/// A page of the states that `sql` selects, a statement without its limit. Throws what SOCI throws.
state_page fetch_states(query_builder& builder, const std::string& sql, std::uint32_t limit);

/// Adds the rows of a page to `page`, each as `row()` reads it. Returns whether there is a next page; the query asked
/// for one row more than `limit`.
template <class Row, class Function>
bool fetch_page(query_builder& builder, std::uint32_t limit, std::vector<Row>& page, Function row) {
  while (builder.fetch()) {
    if (page.size() == limit)
      return true;
    page.push_back(row());
  }
  return false;
}

/// The limit of a query for a page: one row more, which tells whether there is a next page.
std::string limit_of_page(std::uint32_t limit);

} // namespace waybill
