#pragma once

#include "domain/base/result.hpp"
#include "domain/base/time.hpp"

#include <memory>
#include <string>

namespace waybill {

class log_watch;

/// Where the data lies.
struct store_config {
  /// `sqlite:<path>` or a libpq URL, `postgresql://user:password@host/database`.
  std::string url = "sqlite:data/waybill.db";
  /// PostgreSQL only: keep the tables in this schema, made if missing, instead of the connection's own.
  std::string schema = {};
  /// SQLite only: commit without waiting for the disk (synchronous=OFF). Loses the last commits when the power fails.
  bool unsafe_no_sync = false;
  /// PostgreSQL only: a query, or a whole transaction, that takes longer is given up and its connection made anew.
  milliseconds read_timeout{5'000};
  milliseconds write_timeout{10'000};
  /// What the connections of a process know together of the log. Without it each knows its own.
  std::shared_ptr<log_watch> watch = {};
};

/// Brings the database's schema up to date, under a lock. Fails with ec::unavailable, or ec::unreadable when the schema
/// is newer than this program or lacks one of its older migrations, or when the log's positions are not this server's.
result<void> migrate(const store_config& config);

} // namespace waybill
