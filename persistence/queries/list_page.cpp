#include "persistence/queries/list_page.hpp"

namespace waybill {

std::string limit_of_page(std::uint32_t limit) {
  return " limit " + std::to_string(std::uint64_t{limit} + 1);
}

state_page fetch_states(query_builder& builder, const std::string& sql, std::uint32_t limit) {
  std::string state;
  builder.into(state);
  builder.execute(sql + limit_of_page(limit));
  state_page page;
  page.more = fetch_page(builder, limit, page.states, [&] { return state; });
  return page;
}

} // namespace waybill
