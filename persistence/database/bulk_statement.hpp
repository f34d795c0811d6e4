#pragma once

#include "persistence/database/connection.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace waybill {

struct column {
  enum class type : std::uint8_t { text, bigint, smallint, boolean };
  std::string name;
  column::type kind = type::text;
  /// no_time is stored as NULL.
  bool nullable = false;
};

/// One statement for many rows, prepared at its first use. It speaks to the database's own library: SOCI would send
/// PostgreSQL row by row, and copies each value for SQLite.
///
/// The SQL names the columns as `:name`; `{rows}` becomes `values (...)` or, for PostgreSQL, which gets each column as
/// one array, `select ... from unnest(...)`. `{unnest}` (PostgreSQL only) becomes `unnest(...) as u(<names>)`.
/// A text must stay valid until its row is complete.
class bulk_statement {
public:
  virtual ~bulk_statement() = default;

  /// Adds one value; the columns come in turn. Throws what SOCI throws: SQLite writes a row when it is complete.
  virtual bulk_statement& text(std::string_view value) = 0;
  virtual bulk_statement& number(long long value) = 0;

  /// How many rows were added since they were last forgotten.
  [[nodiscard]] virtual std::size_t rows() const noexcept = 0;
  /// After `write`: how many rows of the table were written; of a query, for how many rows it found one.
  [[nodiscard]] virtual std::size_t written() const noexcept = 0;

  /// Forgets the rows.
  virtual void clear() noexcept = 0;
  /// Forgets the prepared statement too; call it before the connection is dropped.
  virtual void reset() noexcept = 0;
};

/// Writes the rows of several statements, in the order in which they were made.
class bulk_writer {
public:
  virtual ~bulk_writer() = default;

  /// Lives as long as the writer. `sql` is for the writer's kind of database.
  virtual bulk_statement& make(std::string_view sql, std::vector<column> columns) = 0;

  /// Writes all rows, within the transaction under way, or within a new one that it begins when `begin` is set. Throws
  /// what SOCI throws.
  virtual void write(bool begin) = 0;

  /// Whether `write` can begin the transaction, in the same round trip; otherwise the caller begins it before.
  [[nodiscard]] virtual bool begins_by_itself() const noexcept = 0;

  virtual void clear() noexcept = 0;
  virtual void reset() noexcept = 0;
};

/// The writer for `database`, which must outlive it.
std::unique_ptr<bulk_writer> make_bulk_writer(connection& database);

} // namespace waybill
