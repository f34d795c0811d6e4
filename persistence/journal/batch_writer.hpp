#pragma once

#include "persistence/database/bulk_statement.hpp"
#include "persistence/journal/batch_plan.hpp"
#include "persistence/journal/webhook_writer.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace waybill {

/// Looks up what a plan needs and writes it, on one connection, with statements that are prepared once.
class batch_writer : public fact_source {
public:
  batch_writer(connection& database, std::string node);

  std::vector<stream_facts> look_up(const std::vector<std::string_view>& streams) override;
  bool is_written(const append& what) override;
  std::optional<std::string> holder_of(const std::string& sku) override;
  std::optional<std::string> user_of(const std::string& email) override;

  /// Begins the transaction first when `begin` is set. False when another writer was first: then the transaction must
  /// be rolled back. Throws what SOCI throws; see is_contention.
  bool write(const batch_plan& plan, bool begin);

  /// Forgets rows of a failed attempt.
  void clear();
  /// Forgets the prepared statements too; before the connection is dropped.
  void reset();

private:
  struct look_up_values {
    std::string id;
    long long version = 0;
    long long entity_version = 0;
  };

  stream_facts look_up_one(std::string_view stream);
  bool begin_if_needed();
  void add_events(const batch_plan& plan);
  void add_entities(const batch_plan& plan);
  void add_lists(const batch_plan& plan);
  void add_reservations(const batch_plan& plan);
  void add_notifications(const batch_plan& plan);
  void add_accounts(const batch_plan& plan);
  void add_couriers(const batch_plan& plan);
  std::optional<std::string> find_id(const char* sql, const std::string& value);

  connection& database_;
  std::string node_;
  bool sqlite_;
  std::unique_ptr<bulk_writer> bulk_;
  // Written in this order.
  bulk_statement& events_;
  bulk_statement& new_entities_;
  bulk_statement& changed_entities_;
  /// Of streams that get events but no state.
  bulk_statement& version_proofs_;
  bulk_statement& new_orders_;
  bulk_statement& changed_orders_;
  bulk_statement& products_;
  bulk_statement& forgotten_reservations_;
  bulk_statement& reservations_;
  bulk_statement& read_notifications_;
  bulk_statement& notifications_;
  bulk_statement& users_;
  bulk_statement& service_keys_;
  bulk_statement& couriers_;
  bulk_statement& deliveries_;
  webhook_writer webhooks_;
  look_up_values look_up_values_;
  std::unique_ptr<soci::statement> look_up_statement_;
};

} // namespace waybill
