#pragma once

#include "domain/base/result.hpp"
#include "persistence/backup/database_check.hpp"
#include "persistence/backup/sqlite_copy.hpp"

#include <string>
#include <vector>

namespace waybill {

/// A database was taken away to be replaced, and what shall replace it is not there yet: a node must not make an empty
/// one instead.
bool is_half_restored(const std::string& path);

struct restored_database {
  database_report report;
  /// What lay there before, under its new names.
  std::vector<std::string> kept;
};

/// Puts a backup in the place of the databases of a node that is stopped. It is copied beside them, brought up to date
/// and checked first; what lay there is kept under other names. Can be repeated after a crash. Fails with ec::conflict
/// when a process has the files, ec::not_found without a backup, ec::unreadable when it is damaged; then all is as it
/// was.
result<restored_database> restore_databases(const database_files& backup, const database_files& place, bool audit);

} // namespace waybill
