#pragma once

#include "domain/base/result.hpp"

#include <cstdint>
#include <string_view>

namespace waybill {

/// Why a database cannot be used, though nothing is wrong with what it was asked.
enum class store_trouble : std::uint8_t {
  none,
  /// It cannot be reached, or does not take work.
  away,
  /// It can be read: a standby, `default_transaction_read_only`, a file or a file system without the right to write.
  read_only,
  /// It can be read: there is no room for more.
  full,
  /// What it stored cannot be read back. Nothing is written to it any more by this process.
  damaged,
  /// SQLite: the file is not where it was, or another one is there.
  gone
};

/// What to do about an error of a database.
enum class fault_kind : std::uint8_t {
  /// Another session was in the way; the same again may succeed at once.
  try_again,
  /// The database cannot be used for now: wait, and try again.
  unusable,
  /// The statement is wrong: to repeat it would change nothing.
  ours
};

struct fault_class {
  fault_kind kind = fault_kind::ours;
  /// Of `unusable`.
  store_trouble trouble = store_trouble::none;

  friend bool operator==(const fault_class&, const fault_class&) = default;
};

/// Of a SQLSTATE (PostgreSQL 15, appendix A).
fault_class classify_sqlstate(std::string_view sqlstate);

/// Of an extended result code (https://sqlite.org/rescode.html).
fault_class classify_sqlite_code(int code);

/// One sentence for operators; empty for none.
std::string_view sentence_of(store_trouble trouble) noexcept;

/// ec::unavailable with that sentence.
failure to_failure(store_trouble trouble);

/// Which trouble a failed call of a store met: `away` for every other reason to be unavailable.
store_trouble trouble_of(const failure& reason) noexcept;

} // namespace waybill
