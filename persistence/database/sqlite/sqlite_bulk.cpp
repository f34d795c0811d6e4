#include "persistence/database/sqlite/sqlite_bulk.hpp"

#include <soci/sqlite3/soci-sqlite3.h>

namespace waybill {

namespace {

// SOCI includes SQLite's header in this namespace.
using namespace sqlite_api;

struct statement_deleter {
  void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
};

sqlite3* handle_of(connection& database) {
  return static_cast<soci::sqlite3_session_backend*>(database.session().get_backend())->conn_;
}

std::string with_placeholders(std::string_view sql, const std::vector<column>& columns) {
  constexpr std::string_view rows{"{rows}"};
  std::string text{sql};
  const auto at = text.find(rows);
  if (at == std::string::npos)
    return text;
  std::string values{"values ("};
  for (const auto& column : columns)
    values += (values.ends_with('(') ? ":" : ", :") + column.name;
  return text.replace(at, rows.size(), values + ")");
}

class sqlite_bulk_statement final : public bulk_statement {
public:
  sqlite_bulk_statement(connection& database, std::string_view sql, std::vector<column> columns)
    : database_{database}, sql_{with_placeholders(sql, columns)}, columns_{std::move(columns)} {}

  bulk_statement& text(std::string_view value) override {
    const auto place = next_place();
    check(sqlite3_bind_text(statement_.get(), place, value.data(), static_cast<int>(value.size()), SQLITE_STATIC));
    write_if_complete();
    return *this;
  }

  bulk_statement& number(long long value) override {
    const bool absent = columns_[values_ % columns_.size()].nullable && value == no_time;
    const auto place = next_place();
    check(absent ? sqlite3_bind_null(statement_.get(), place) : sqlite3_bind_int64(statement_.get(), place, value));
    write_if_complete();
    return *this;
  }

  std::size_t rows() const noexcept override { return values_ / columns_.size(); }
  std::size_t written() const noexcept override { return written_; }

  void clear() noexcept override { values_ = written_ = 0; }

  void reset() noexcept override {
    clear();
    statement_.reset();
  }

private:
  int next_place() {
    if (!statement_)
      prepare();
    return places_[values_++ % columns_.size()];
  }

  void prepare() {
    auto* handle = handle_of(database_);
    sqlite3_stmt* made = nullptr;
    const auto code = sqlite3_prepare_v3(handle, sql_.c_str(), static_cast<int>(sql_.size() + 1),
                                         SQLITE_PREPARE_PERSISTENT, &made, nullptr);
    statement_.reset(made);
    if (code != SQLITE_OK)
      throw soci::sqlite3_soci_error{sqlite3_errmsg(handle), code};
    places_.clear();
    for (const auto& column : columns_)
      places_.push_back(sqlite3_bind_parameter_index(made, (":" + column.name).c_str()));
  }

  void write_if_complete() {
    if (values_ % columns_.size() != 0)
      return;
    const auto code = sqlite3_step(statement_.get());
    // Returns the same code as the step did.
    sqlite3_reset(statement_.get());
    if (code == SQLITE_ROW) {
      ++written_;
      return;
    }
    if (code != SQLITE_DONE)
      check(code);
    if (sqlite3_stmt_readonly(statement_.get()) != 0)
      return;
    written_ += static_cast<std::size_t>(sqlite3_changes(handle_of(database_)));
  }

  void check(int code) {
    if (code != SQLITE_OK)
      throw soci::sqlite3_soci_error{sqlite3_errmsg(handle_of(database_)), code};
  }

  connection& database_;
  std::string sql_;
  std::vector<column> columns_;
  std::vector<int> places_;
  std::unique_ptr<sqlite3_stmt, statement_deleter> statement_;
  std::size_t values_ = 0;
  std::size_t written_ = 0;
};

class sqlite_bulk_writer final : public bulk_writer {
public:
  explicit sqlite_bulk_writer(connection& database) : database_{database} {}

  bulk_statement& make(std::string_view sql, std::vector<column> columns) override {
    return *statements_.emplace_back(std::make_unique<sqlite_bulk_statement>(database_, sql, std::move(columns)));
  }

  bool begins_by_itself() const noexcept override { return false; }
  void write(bool) override {}

  void clear() noexcept override {
    for (const auto& statement : statements_)
      statement->clear();
  }

  void reset() noexcept override {
    for (const auto& statement : statements_)
      statement->reset();
  }

private:
  connection& database_;
  std::vector<std::unique_ptr<sqlite_bulk_statement>> statements_;
};

} // namespace

std::unique_ptr<bulk_writer> make_sqlite_bulk_writer(connection& database) {
  return std::make_unique<sqlite_bulk_writer>(database);
}

} // namespace waybill
