#pragma once

#include "persistence/connection.hpp"

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace waybill {

struct column {
  enum class type : std::uint8_t { text, bigint, smallint, boolean };
  std::string name;
  column::type kind = type::text;
  /// no_time is stored as NULL.
  bool nullable = false;
};

/// One statement for many rows, prepared at its first use. PostgreSQL gets each column as one array (SOCI would send
/// row by row, at a tenth of the speed), SQLite, which is in the process, each row.
///
/// `sql` holds `{rows}`: for PostgreSQL it becomes `select <columns> from unnest(...)`, for SQLite `values (...)`.
/// Other statements use the columns by name, as in `:name`, or for PostgreSQL `{unnest}`, which becomes `unnest(...) as
/// u(<names>)`.
class bulk_statement {
public:
  bulk_statement(dialect kind, std::string_view sql, std::vector<column> columns);

  /// Adds one value; the columns come in turn.
  bulk_statement& text(std::string_view value);
  bulk_statement& number(long long value);

  [[nodiscard]] std::size_t rows() const noexcept { return values_ / columns_.size(); }

  /// Executes it if there are rows, forgets them, and returns how many rows of the table were written.
  long long run(soci::session& session);

  /// Forgets the rows, and the prepared statement if the session is gone.
  void clear();
  void reset();

private:
  struct cells {
    std::string array; // PostgreSQL: an array literal
    std::vector<std::string> texts;
    std::vector<long long> numbers;
  };

  cells& next_cells();
  void prepare(soci::session& session);

  dialect kind_;
  std::string sql_;
  std::vector<column> columns_;
  std::vector<cells> cells_;
  std::size_t values_ = 0;
  std::unique_ptr<soci::statement> statement_;
};

/// Adds `value` to the array literal `array` (PostgreSQL 15, section 8.15.2): always in quotes, so that NULL, braces
/// and commas are text.
void add_to_array(std::string& array, std::string_view value);

} // namespace waybill
