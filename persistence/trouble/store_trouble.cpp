#include "persistence/trouble/store_trouble.hpp"

#include "domain/base/errors.hpp"

#include <soci/sqlite3/soci-sqlite3.h>

#include <array>
#include <string>

namespace waybill {

namespace {

constexpr fault_class try_again{fault_kind::try_again, store_trouble::none};
constexpr fault_class ours{fault_kind::ours, store_trouble::none};

constexpr fault_class unusable(store_trouble trouble) {
  return {fault_kind::unusable, trouble};
}

struct sqlstate_row {
  /// A whole code, or a class.
  std::string_view prefix;
  fault_class meaning;
};

/// The first row that fits counts.
constexpr sqlstate_row sqlstates[]{
  // Somebody else was first, or in the way.
  {"23505", try_again}, // unique_violation
  {"40", try_again},    // serialization_failure, deadlock_detected
  {"55P03", try_again}, // lock_not_available
  // It answers, but writes nothing.
  {"25006", unusable(store_trouble::read_only)}, // read_only_sql_transaction
  {"53100", unusable(store_trouble::full)},      // disk_full
  // It cannot read what it stored.
  {"58030", unusable(store_trouble::damaged)}, // io_error
  {"58P01", unusable(store_trouble::damaged)}, // undefined_file
  {"XX001", unusable(store_trouble::damaged)}, // data_corrupted
  {"XX002", unusable(store_trouble::damaged)}, // index_corrupted
  // Connection, authorisation, resources, operator intervention, system error.
  {"08", unusable(store_trouble::away)},
  {"28", unusable(store_trouble::away)},
  {"3D", unusable(store_trouble::away)},    // the database itself is not there
  {"42501", unusable(store_trouble::away)}, // the rights were taken away
  {"53", unusable(store_trouble::away)},
  {"57", unusable(store_trouble::away)},
  {"58", unusable(store_trouble::away)},
  // The session is not the one that was set up: it is made anew.
  {"25P03", unusable(store_trouble::away)}, // idle_in_transaction_session_timeout
  {"25P02", unusable(store_trouble::away)}, // in_failed_sql_transaction
  {"26000", unusable(store_trouble::away)}, // there is no such prepared statement
  {"42P05", unusable(store_trouble::away)}, // the prepared statement is there already
  {"0A000", unusable(store_trouble::away)}, // "cached plan must not change result type": after a migration
};

constexpr std::array<std::string_view, 6> sentences{"",
                                                    "the database is away",
                                                    "the database is read-only",
                                                    "the disk of the database is full",
                                                    "the database is damaged",
                                                    "the database file was moved, removed or replaced"};

} // namespace

fault_class classify_sqlstate(std::string_view sqlstate) {
  for (const auto& row : sqlstates)
    if (sqlstate.starts_with(row.prefix))
      return row.meaning;
  return ours;
}

fault_class classify_sqlite_code(int code) {
  switch (code) {
    case SQLITE_READONLY_DBMOVED: return unusable(store_trouble::gone);
    // What was written cannot be read back.
    case SQLITE_IOERR_READ:
    case SQLITE_IOERR_SHORT_READ:
    case SQLITE_IOERR_CORRUPTFS:
    case SQLITE_IOERR_DATA: return unusable(store_trouble::damaged);
    // The file for the index of the log could not grow.
    case SQLITE_IOERR_SHMSIZE: return unusable(store_trouble::full);
    default: break;
  }
  switch (code & 0xff) {
    case SQLITE_CONSTRAINT: return try_again;
    case SQLITE_READONLY: return unusable(store_trouble::read_only);
    case SQLITE_FULL: return unusable(store_trouble::full);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return unusable(store_trouble::damaged);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_PROTOCOL:
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_NOMEM:
    case SQLITE_NOLFS:
    case SQLITE_INTERRUPT: return unusable(store_trouble::away);
    default: return ours;
  }
}

std::string_view sentence_of(store_trouble trouble) noexcept {
  return sentences.at(static_cast<std::size_t>(trouble));
}

failure to_failure(store_trouble trouble) {
  return {ec::unavailable, std::string{sentence_of(trouble)}};
}

store_trouble trouble_of(const failure& reason) noexcept {
  using enum store_trouble;
  if (reason.code != ec::unavailable)
    return none;
  for (const auto trouble : {read_only, full, damaged, gone})
    if (reason.detail == sentence_of(trouble))
      return trouble;
  return away;
}

} // namespace waybill
