#include "persistence/search/product_search.hpp"

#include "domain/text/folding.hpp"

#include <soci/session.h>
#include <soci/soci.h>

#include <unordered_set>
#include <vector>

namespace waybill {

namespace {

struct product_texts {
  std::string id;
  std::string sku;
  std::string name;
};

std::vector<product_texts> read_without_texts(soci::session& session) {
  std::vector<product_texts> found;
  product_texts row;
  soci::statement rows = (session.prepare << "select id, sku, name from products where unique_sku is null order by id",
                          soci::into(row.id), soci::into(row.sku), soci::into(row.name));
  for (rows.execute(); rows.fetch();)
    found.push_back(row);
  return found;
}

} // namespace

std::string unique_sku(std::string_view sku) {
  return fold_text(sku);
}

std::string search_text(std::string_view sku, std::string_view name) {
  return fold_text(sku) + '\n' + fold_text(name);
}

void fill_product_texts(soci::session& session) {
  const auto products = read_without_texts(session);
  if (products.empty())
    return;
  std::unordered_set<std::string> taken;
  std::string id;
  std::string sku;
  std::string found_by;
  soci::statement write =
    (session.prepare << "update products set unique_sku = :sku, search_text = :found_by where id = :id",
     soci::use(sku, "sku"), soci::use(found_by, "found_by"), soci::use(id, "id"));
  for (const auto& product : products) {
    id = product.id;
    sku = unique_sku(product.sku);
    // No SKU is as long as this: it cannot be in anybody's way.
    if (!taken.insert(sku).second)
      sku += '\n' + id;
    found_by = search_text(product.sku, product.name);
    write.execute(true);
  }
}

} // namespace waybill
