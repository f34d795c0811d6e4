#pragma once

#include "messages/journal/queries.hpp"
#include "persistence/database/connection.hpp"

#include <memory>

/// What is read of entities of any kind. All throw what SOCI throws.
namespace waybill {

/// Loads entities by a statement that is prepared once: every activation of an entity reads this row.
class entity_loader {
public:
  explicit entity_loader(connection& database);
  ~entity_loader();
  entity_loader(const entity_loader&) = delete;
  entity_loader& operator=(const entity_loader&) = delete;

  stored_entity load(const load_entity& query);

  /// Forgets the prepared statement; call it before the connection is dropped.
  void reset();

private:
  struct prepared;

  connection& database_;
  std::unique_ptr<prepared> prepared_;
};

found_reservation run_query(connection& database, const find_reservation& query);
found_stock_adjustment run_query(connection& database, const find_stock_adjustment& query);
ended_orders run_query(connection& database, const find_ended_orders& query);
/// With the names of values as in `query`.
std::string sql_of(const list_due& query);
due_page run_query(connection& database, const list_due& query);

} // namespace waybill
