#include "persistence/queries/product_queries.hpp"

#include "domain/text/folding.hpp"
#include "persistence/queries/list_page.hpp"

#include <string>

namespace waybill {

state_page run_query(connection& database, const list_products& query) {
  const auto words = folded_words(query.query);
  std::string sql = "select e.state from products p join entities e on e.id = p.id "
                    "where not p.withdrawn and p.id > :after";
  query_builder builder{database};
  builder.use(query.cursor_id, "after");
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto name = "word" + std::to_string(i);
    sql += (database.kind() == dialect::sqlite ? " and instr" : " and strpos");
    sql += "(p.search_text, :" + name + ") > 0";
    builder.use(words[i], name);
  }
  return fetch_states(builder, sql + " order by p.id", query.limit);
}

} // namespace waybill
