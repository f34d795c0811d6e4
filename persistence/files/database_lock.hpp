#pragma once

#include "domain/base/result.hpp"

#include <memory>
#include <string>

namespace waybill {

/// A SQLite database belongs to one process: a second one would not see what the first has in memory. The lock is a
/// file beside the database, `<path>.lock`, with the number of the process. The system gives it up with the process,
/// however that ends; the file stays.
class database_lock {
public:
  /// Makes the folder if needed. Fails with ec::conflict, naming the process that has the lock, or ec::unavailable when
  /// there can be none.
  static result<std::shared_ptr<const database_lock>> take(const std::string& path);

  ~database_lock();
  database_lock(const database_lock&) = delete;
  database_lock& operator=(const database_lock&) = delete;

private:
  explicit database_lock(int file) : file_{file} {}

  int file_;
};

} // namespace waybill
