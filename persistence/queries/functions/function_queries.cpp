#include "persistence/queries/functions/function_queries.hpp"

#include "domain/json/codec.hpp"
#include "persistence/database/query_builder.hpp"

#include <stdexcept>

namespace waybill {

/// Their ids are their names, so no table but that of all entities is needed. Those that were removed are still there,
/// and passed over.
function_page run_query(connection& database, const list_functions& query) {
  const auto after = function::id_of(query.after).value;
  // Behind all of them: the character after the last one of the prefix.
  const std::string end{"fun`"};
  std::string text;
  query_builder builder{database};
  builder.use(after, "after");
  builder.use(end, "behind");
  builder.into(text);
  builder.execute("select state from entities where id > :after and id < :behind order by id");
  function_page page;
  while (builder.fetch()) {
    const auto state = decode<function::state>(text);
    if (!state)
      throw std::runtime_error{"the state of a function cannot be read"};
    if (!function::is_there(*state))
      continue;
    page.more = page.functions.size() == query.limit;
    if (page.more)
      break;
    page.functions.push_back(function::summarize(*state));
  }
  return page;
}

} // namespace waybill
