#include "persistence/database/postgresql_bulk.hpp"

#include <libpq-fe.h>
#include <soci/postgresql/soci-postgresql.h>

#include <array>
#include <charconv>
#include <optional>

namespace waybill {

namespace {

struct result_deleter {
  void operator()(PGresult* one) const noexcept { PQclear(one); }
};
using result_ptr = std::unique_ptr<PGresult, result_deleter>;

soci::postgresql_soci_error to_exception(PGconn* handle, const PGresult* result) {
  const char* state = result == nullptr ? nullptr : PQresultErrorField(result, PG_DIAG_SQLSTATE);
  // Without a state it was not the server that spoke: the connection is gone.
  constexpr const char* connection_failure = "08006";
  const char* text = result == nullptr ? PQerrorMessage(handle) : PQresultErrorMessage(result);
  return {text, state == nullptr ? connection_failure : state};
}

// -- arrays in the binary format (array_recv in PostgreSQL's arrayfuncs.c): a header, then each element's length and
// bytes
// -- in network order

struct array_type {
  Oid element;
  Oid array;
  const char* name;
};

// The object ids of built-in types never change (pg_type.dat).
array_type type_of(column::type kind) {
  switch (kind) {
    case column::type::text: return {25, 1009, "text[]"};
    case column::type::bigint: return {20, 1016, "bigint[]"};
    case column::type::smallint: return {21, 1005, "smallint[]"};
    case column::type::boolean: return {16, 1000, "boolean[]"};
  }
  return {25, 1009, "text[]"};
}

template <std::size_t Bytes>
void put(char* to, std::uint64_t value) {
  for (std::size_t i = 0; i < Bytes; ++i)
    to[i] = static_cast<char>(value >> (8 * (Bytes - 1 - i)));
}

class binary_array {
public:
  explicit binary_array(column::type kind) : kind_{kind} { clear(); }

  void add_text(std::string_view value) {
    add_length(value.size());
    bytes_.append(value);
  }

  void add_number(long long value) {
    switch (kind_) {
      case column::type::bigint: return add_fixed<8>(static_cast<std::uint64_t>(value));
      case column::type::smallint: return add_fixed<2>(static_cast<std::uint64_t>(value));
      default: return add_fixed<1>(value == 0 ? 0 : 1);
    }
  }

  void add_null() {
    constexpr std::uint32_t no_bytes = 0xffffffff;
    add_length(no_bytes);
    has_null_ = true;
  }

  /// With the header filled in.
  std::string_view finish(std::size_t count) {
    char* header = bytes_.data();
    put<4>(header, 1); // dimensions
    put<4>(header + 4, has_null_ ? 1 : 0);
    put<4>(header + 8, type_of(kind_).element);
    put<4>(header + 12, count);
    put<4>(header + 16, 1); // the first index
    return bytes_;
  }

  void clear() {
    bytes_.resize(header_size);
    has_null_ = false;
  }

private:
  static constexpr std::size_t header_size = 20;

  void add_length(std::size_t length) {
    std::array<char, 4> text{};
    put<4>(text.data(), length);
    bytes_.append(text.data(), text.size());
  }

  template <std::size_t Bytes>
  void add_fixed(std::uint64_t value) {
    std::array<char, 4 + Bytes> text{};
    put<4>(text.data(), Bytes);
    put<Bytes>(text.data() + 4, value);
    bytes_.append(text.data(), text.size());
  }

  column::type kind_;
  std::string bytes_;
  bool has_null_ = false;
};

// -- statements -------------------------------------------------------------------------------------------------------

template <class Form>
std::string comma_separated(const std::vector<column>& columns, Form form) {
  std::string result;
  for (std::size_t i = 0; i < columns.size(); ++i)
    result += (i == 0 ? "" : ", ") + form(i);
  return result;
}

void replace(std::string& text, std::string_view what, const std::string& with) {
  if (const auto at = text.find(what); at != std::string::npos)
    text.replace(at, what.size(), with);
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
    for (const auto& one : columns_) {
      arrays_.emplace_back(one.kind);
      types_.push_back(type_of(one.kind).array);
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
    for (auto& one : arrays_)
      one.clear();
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

  void take(PGresult* answer) {
    const std::string_view count = PQcmdTuples(answer);
    std::from_chars(count.data(), count.data() + count.size(), written_);
  }

private:
  std::string name_;
  std::string sql_;
  std::vector<column> columns_;
  std::vector<binary_array> arrays_;
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
    for (const auto& one : statements_)
      if (one->rows() > 0)
        one->prepare(handle);
    if (PQenterPipelineMode(handle) != 1)
      throw to_exception(handle, nullptr);
    const bool sent = send(handle, begin);
    auto problem = sent ? receive(handle, begin) : std::optional{to_exception(handle, nullptr)};
    // Fails only when something is still under way, which can be after a loss only: then the connection is dropped.
    if (PQexitPipelineMode(handle) != 1 && !problem)
      problem = to_exception(handle, nullptr);
    if (problem)
      throw *problem;
  }

  void clear() noexcept override {
    for (const auto& one : statements_)
      one->clear();
  }

  void reset() noexcept override {
    for (const auto& one : statements_)
      one->reset();
  }

private:
  bool send(PGconn* handle, bool begin) {
    if (begin && PQsendQueryParams(handle, "begin", 0, nullptr, nullptr, nullptr, nullptr, 0) != 1)
      return false;
    for (const auto& one : statements_)
      if (one->rows() > 0 && !one->send(handle))
        return false;
    return PQpipelineSync(handle) == 1;
  }

  /// Reads every answer, so that the connection can go on after a refusal. Returns the first problem.
  std::optional<soci::postgresql_soci_error> receive(PGconn* handle, bool begin) {
    std::optional<soci::postgresql_soci_error> problem;
    if (begin)
      next(handle, problem);
    for (const auto& one : statements_)
      if (one->rows() > 0)
        if (const auto answer = next(handle, problem))
          one->take(answer.get());
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
