#pragma once

#include "domain/base/result.hpp"
#include "domain/base/violation.hpp"
#include "persistence/database/store_config.hpp"

#include <cstdint>
#include <optional>

namespace waybill {

/// What a check of all that is stored found.
struct database_report {
  /// False: it is of an older program, whose tables this one cannot audit before it has brought them up to date.
  bool audited = false;
  std::uint64_t units = 0;
  std::uint64_t events = 0;
  violations found;
};

/// Checks a SQLite database, and the payment provider's ledger if there is one, that no node works with: SQLite's
/// integrity_check, then the invariants of every unit. Fails with ec::unreadable and the reason when a file is damaged.
/// Blocks until all is read.
result<database_report> check_database(const store_config& store, const std::optional<store_config>& ledger,
                                       bool audit);

} // namespace waybill
