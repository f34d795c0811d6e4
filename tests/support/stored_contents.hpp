#pragma once

#include "domain/product.hpp"
#include "messages/journal/event_log.hpp"
#include "messages/journal/order_rows.hpp"
#include "persistence/store.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace waybill::test {

struct stored_state {
  entity_kind kind = entity_kind::order;
  std::uint64_t version = 0;
  std::string state;
  bool unfinished = false;
  bool has_timer = false;
};

struct reservation_entry {
  std::string product;
  std::string order;
  product::reservation_status status = product::reservation_status::live;
  std::int64_t quantity = 0;
};

/// The tables of one database, read by plain SQL and not by the program's own readers.
struct stored_contents {
  /// By stream and version.
  std::vector<stored_event> events;
  std::map<std::string, stored_state> entities;
  std::map<std::string, order_row> order_rows;
  std::vector<reservation_entry> reservations;

  /// The events of one stream in their order.
  [[nodiscard]] std::vector<const stored_event*> stream(const std::string& id) const;
};

/// Blocks; throws what SOCI throws.
stored_contents read_contents(const store_config& store);

} // namespace waybill::test
