#pragma once

#include "domain/base/result.hpp"

#include <string>

namespace waybill {

/// Where a copy of a database and of the payment provider's ledger lie, or shall lie. There need be no ledger.
struct database_files {
  std::string store;
  std::string ledger;
};

/// The names of a backup's files in its folder.
database_files files_of_backup(const std::string& folder);

/// Copies both databases as they are at one moment, while a node works with them: what the ledger has is intended in
/// the store, and what the store knows of is in the ledger. The new files are for this user alone, and on the disk when
/// this returns. Holds up writers for some milliseconds, and lets SQLite's log grow while it copies. Blocks. Fails with
/// ec::unavailable, and ec::not_found when there is no database; then there may be unfinished files.
result<void> copy_databases(const database_files& from, const database_files& to);

} // namespace waybill
