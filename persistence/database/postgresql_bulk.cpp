#include "persistence/database/postgresql_bulk.hpp"

#include "persistence/database/postgresql_array.hpp"

#include <libpq-fe.h>
#include <soci/postgresql/soci-postgresql.h>

#include <charconv>
#include <optional>

namespace waybill {

namespace {

struct result_deleter {
  void operator()(PGresult* result) const noexcept { PQclear(result); }
};
using result_ptr = std::unique_ptr<PGresult, result_deleter>;

soci::postgresql_soci_error to_exception(PGconn* handle, const PGresult* result) {
  const char* state = result == nullptr ? nullptr : PQresultErrorField(result, PG_DIAG_SQLSTATE);
  // Without a state the text is not from the server: the connection is gone.
  constexpr const char* connection_failure = "08006";
  const char* text = result == nullptr ? PQerrorMessage(handle) : PQresultErrorMessage(result);
  return {text, state == nullptr ? connection_failure : state};
}

template <class Form>
std::string comma_separated(const std::vector<column>& columns, Form form) {
  std::string result;
  for (std::size_t i = 0; i < columns.size(); ++i)
    result += (i == 0 ? "" : ", ") + form(i);
  return result;
}

void replace(std::string& text, std::string_view placeholder, const std::string& with) {
  if (const auto at = text.find(placeholder); at != std::string::npos)
    text.replace(at, placeholder.size(), with);
}

std::string with_arrays(std::string_view sql, const std::vector<column>& columns) {
  const auto names = comma_separated(columns, [&](std::size_t i) { return columns[i].name; });
  const auto arrays = comma_separated(
    columns, [&](std::size_t i) { return "$" + std::to_string(i + 1) + "::" + type_of(columns[i].kind).name; });
  const auto unnest = "unnest(" + arrays + ") as u(" + names + ")";
  std::string text{sql};
  replace(text, "{rows}", "select " + names + " from " + unnest);
  replace(text, "{unnest}", unnest);
  return text;
}

class postgresql_bulk_statement final : public bulk_statement {
public:
  postgresql_bulk_statement(std::string name, std::string_view sql, std::vector<column> columns)
    : name_{std::move(name)}, sql_{with_arrays(sql, columns)}, columns_{std::move(columns)} {
    for (const auto& column : columns_) {
      arrays_.emplace_back(column.kind);
      types_.push_back(type_of(column.kind).array);
    }
    pointers_.resize(columns_.size());
    lengths_.resize(columns_.size());
    formats_.assign(columns_.size(), 1);
  }

  bulk_statement& text(std::string_view value) override {
    arrays_[values_++ % columns_.size()].add_text(value);
    return *this;
  }

  bulk_statement& number(long long value) override {
    const auto index = values_++ % columns_.size();
    if (columns_[index].nullable && value == no_time)
      arrays_[index].add_null();
    else
      arrays_[index].add_number(value);
    return *this;
  }

  std::size_t rows() const noexcept override { return values_ / columns_.size(); }
  std::size_t written() const noexcept override { return written_; }

  void clear() noexcept override {
    for (auto& array : arrays_)
      array.clear();
    values_ = written_ = 0;
  }

  void reset() noexcept override {
    clear();
    prepared_ = false;
  }

  void prepare(PGconn* handle) {
    if (prepared_)
      return;
    const result_ptr answer{
      PQprepare(handle, name_.c_str(), sql_.c_str(), static_cast<int>(types_.size()), types_.data())};
    if (PQresultStatus(answer.get()) != PGRES_COMMAND_OK)
      throw to_exception(handle, answer.get());
    prepared_ = true;
  }

  bool send(PGconn* handle) {
    for (std::size_t i = 0; i < arrays_.size(); ++i) {
      const auto bytes = arrays_[i].finish(rows());
      pointers_[i] = bytes.data();
      lengths_[i] = static_cast<int>(bytes.size());
    }
    constexpr int text_format = 0;
    return PQsendQueryPrepared(handle, name_.c_str(), static_cast<int>(pointers_.size()), pointers_.data(),
                               lengths_.data(), formats_.data(), text_format)
           == 1;
  }

  void read_answer(PGresult* answer) {
    const std::string_view count = PQcmdTuples(answer);
    std::from_chars(count.data(), count.data() + count.size(), written_);
  }

private:
  std::string name_;
  std::string sql_;
  std::vector<column> columns_;
  std::vector<postgresql_array> arrays_;
  std::vector<Oid> types_;
  std::vector<const char*> pointers_;
  std::vector<int> lengths_;
  std::vector<int> formats_;
  std::size_t values_ = 0;
  std::size_t written_ = 0;
  bool prepared_ = false;
};

class postgresql_bulk_writer final : public bulk_writer {
public:
  explicit postgresql_bulk_writer(connection& database) : database_{database} {}

  bulk_statement& make(std::string_view sql, std::vector<column> columns) override {
    auto name = "waybill_bulk_" + std::to_string(statements_.size());
    return *statements_.emplace_back(
      std::make_unique<postgresql_bulk_statement>(std::move(name), sql, std::move(columns)));
  }

  bool begins_by_itself() const noexcept override { return true; }

  void write(bool begin) override {
    auto* handle = static_cast<soci::postgresql_session_backend*>(database_.session().get_backend())->conn_;
    for (const auto& statement : statements_)
      if (statement->rows() > 0)
        statement->prepare(handle);
    if (PQenterPipelineMode(handle) != 1)
      throw to_exception(handle, nullptr);
    const auto opening = begin ? opening_statements() : std::vector<std::string>{};
    const bool sent = send(handle, opening);
    auto problem = sent ? receive(handle, opening.size()) : std::optional{to_exception(handle, nullptr)};
    // Fails only while a statement is under way, which happens only after the connection was lost: then it is dropped.
    if (PQexitPipelineMode(handle) != 1 && !problem)
      problem = to_exception(handle, nullptr);
    if (problem)
      throw *problem;
  }

  void clear() noexcept override {
    for (const auto& statement : statements_)
      statement->clear();
  }

  void reset() noexcept override {
    for (const auto& statement : statements_)
      statement->reset();
  }

private:
  /// As connection::begin().
  [[nodiscard]] std::vector<std::string> opening_statements() const {
    std::vector<std::string> statements{"begin"};
    if (!database_.schema().empty())
      statements.push_back("set local search_path to " + database_.schema());
    return statements;
  }

  bool send(PGconn* handle, const std::vector<std::string>& opening) {
    for (const auto& statement : opening)
      if (PQsendQueryParams(handle, statement.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 0) != 1)
        return false;
    for (const auto& statement : statements_)
      if (statement->rows() > 0 && !statement->send(handle))
        return false;
    return PQpipelineSync(handle) == 1;
  }

  /// Reads every answer, so that the connection can go on after a refusal. Returns the first problem.
  std::optional<soci::postgresql_soci_error> receive(PGconn* handle, std::size_t opening) {
    std::optional<soci::postgresql_soci_error> problem;
    for (std::size_t i = 0; i < opening; ++i)
      next(handle, problem);
    for (const auto& statement : statements_)
      if (statement->rows() > 0)
        if (const auto answer = next(handle, problem))
          statement->read_answer(answer.get());
    if (PQstatus(handle) != CONNECTION_OK)
      return problem ? problem : to_exception(handle, nullptr);
    const result_ptr end{PQgetResult(handle)};
    if (PQresultStatus(end.get()) != PGRES_PIPELINE_SYNC && !problem)
      problem = to_exception(handle, end.get());
    return problem;
  }

  /// The answer to the next statement, or null.
  static result_ptr next(PGconn* handle, std::optional<soci::postgresql_soci_error>& problem) {
    result_ptr answer{PQgetResult(handle)};
    const auto status = PQresultStatus(answer.get());
    if (answer)
      while (const auto rest = result_ptr{PQgetResult(handle)})
        ;
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK)
      return answer;
    if (!problem && status != PGRES_PIPELINE_ABORTED)
      problem = to_exception(handle, answer.get());
    return nullptr;
  }

  connection& database_;
  std::vector<std::unique_ptr<postgresql_bulk_statement>> statements_;
};

} // namespace

std::unique_ptr<bulk_writer> make_postgresql_bulk_writer(connection& database) {
  return std::make_unique<postgresql_bulk_writer>(database);
}

} // namespace waybill
