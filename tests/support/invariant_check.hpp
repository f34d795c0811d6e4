#pragma once

#include "domain/invariants.hpp"
#include "domain/order/order.hpp"
#include "persistence/store.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace waybill::test {

struct invariant_report {
  /// One sentence for each violation, beginning with the invariant (`I4: ...`); empty when all hold.
  std::vector<std::string> violations;
  /// The stored states of all orders.
  std::vector<order::state> orders;
  std::uint64_t events = 0;
  std::uint64_t ledger_entries = 0;

  /// All violations as lines, at most some dozens.
  [[nodiscard]] std::string text() const;
};

/// Reads a whole database and the provider's ledger with SQL, replays every stream with the domain's functions, and
/// holds both to I1 to I7 of the design; I7 only when all payments are at rest, as they must be here. For a system that
/// came to rest: an order that is under way is reported too (G7). Blocks; throws std::exception when the database
/// cannot be read.
///
/// I1 money, I2 stock, I3 final orders hold nothing, I4 versions, I5 replay equals what is stored, I6 one effect per
/// idempotency key at the provider and one order per note (tests write the key into the note), I7 the two ledgers.
invariant_report check_invariants(const store_config& store, const store_config& ledger);

/// The same with the books of a provider elsewhere, by key.
invariant_report check_invariants(const store_config& store, const std::map<std::string, ledger_entry>& provider);

} // namespace waybill::test
