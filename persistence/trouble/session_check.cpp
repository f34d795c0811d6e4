#include "persistence/trouble/session_check.hpp"

#include "domain/base/errors.hpp"
#include "domain/base/time.hpp"

#include <libpq-fe.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string_view>

#include <poll.h>

namespace waybill {

namespace {

/// What one of two clients sees of its session.
class session_client {
public:
  explicit session_client(const std::string& url) : handle_{connect(url), &PQfinish} {}

  [[nodiscard]] bool is_connected() const { return PQstatus(handle_.get()) == CONNECTION_OK; }

  /// The first value of the answer; nothing when the statement was refused or not answered in time.
  std::optional<std::string> ask(const std::string& sql) {
    constexpr std::chrono::seconds patience{5};
    if (PQsendQuery(handle_.get(), sql.c_str()) != 1 || !await_answer(patience))
      return std::nullopt;
    std::optional<std::string> value;
    while (const auto answer = next_answer()) {
      const auto status = PQresultStatus(answer.get());
      if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
        return std::nullopt;
      value = PQntuples(answer.get()) == 1 ? PQgetvalue(answer.get(), 0, 0) : "";
    }
    return value;
  }

private:
  /// What the URL says of the time-out holds.
  static PGconn* connect(const std::string& url) {
    const char* const names[] = {"connect_timeout", "dbname", nullptr};
    const char* const values[] = {"3", url.c_str(), nullptr};
    constexpr int dbname_is_url = 1;
    return PQconnectdbParams(names, values, dbname_is_url);
  }

  using answer_ptr = std::unique_ptr<PGresult, decltype(&PQclear)>;

  answer_ptr next_answer() { return {PQgetResult(handle_.get()), &PQclear}; }

  bool await_answer(milliseconds patience) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (PQisBusy(handle_.get()) != 0) {
      const auto left = std::chrono::duration_cast<milliseconds>(deadline - std::chrono::steady_clock::now()).count();
      pollfd socket{PQsocket(handle_.get()), POLLIN, 0};
      if (left <= 0 || ::poll(&socket, 1, static_cast<int>(left)) <= 0 || PQconsumeInput(handle_.get()) != 1)
        return false;
    }
    return true;
  }

  std::unique_ptr<PGconn, decltype(&PQfinish)> handle_;
};

constexpr auto read_mark = "select coalesce(current_setting('waybill.session_mark', true), '') || ' ' || "
                           "pg_backend_pid()";

std::string set_mark(std::string_view mark) {
  return "select set_config('waybill.session_mark', '" + std::string{mark} + "', false)";
}

failure refused(const std::string& reason) {
  return {ec::invalid_argument, reason
                                  + "; a pool between a node and PostgreSQL must be in session mode (pgbouncer: "
                                    "pool_mode=session; docs/operations.md)"};
}

/// Two sessions are asked by turns: a pool that gives the session of one to the other shows by the mark. While the
/// other holds a session in a transaction, a pool must take another one for the first, which shows by the process.
result<void> compare(session_client& first, session_client& second) {
  const auto lost = refused("the database's sessions do not outlive a transaction");
  if (!first.ask(set_mark("first")))
    return refused("the database does not let a session be set up");
  const auto before = first.ask(read_mark);
  if (!second.ask(set_mark("second")))
    return refused("the database does not give a second session");
  if (!before || !before->starts_with("first ") || first.ask(read_mark) != before)
    return lost;
  if (!second.ask("begin"))
    return lost;
  const bool kept = second.ask(read_mark).value_or("").starts_with("second ") && first.ask(read_mark) == before;
  if (!second.ask("rollback") || !kept)
    return lost;
  return {};
}

} // namespace

result<void> check_session_state(const std::string& url) {
  // A pool with a choice may be lucky.
  constexpr int rounds = 3;
  session_client first{url};
  session_client second{url};
  if (!first.is_connected() || !second.is_connected())
    return {};
  for (int round = 0; round < rounds; ++round)
    if (auto same = compare(first, second); same.has_error())
      return same;
  return {};
}

} // namespace waybill
