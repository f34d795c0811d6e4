#include "persistence/queries/functions/function_queries.hpp"

#include "domain/json/codec.hpp"
#include "persistence/database/query_builder.hpp"

#include <stdexcept>

namespace waybill {

namespace {

/// Behind all of them: the character after the last one of the prefix.
const std::string behind_all{"fun`"};

} // namespace

/// Their ids are their names, so no table but that of all entities is needed. Those that were removed are still there,
/// and passed over.
function_page run_query(connection& database, const list_functions& query) {
  const auto after = function::id_of(query.after).value;
  std::string text;
  query_builder builder{database};
  builder.use(after, "after");
  builder.use(behind_all, "behind");
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

/// A version grows with each change, and those that were removed are still there: so the sum grows.
function_revision run_query(connection& database, const get_function_revision&) {
  const auto first = function::id_of({}).value;
  long long sum = 0;
  query_builder builder{database};
  builder.use(first, "first");
  builder.use(behind_all, "behind");
  builder.into(sum);
  builder.execute("select cast(coalesce(sum(version), 0) as bigint) from entities where id > :first and id < :behind");
  builder.fetch();
  return {static_cast<std::uint64_t>(sum)};
}

} // namespace waybill
