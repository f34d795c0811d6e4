#include "persistence/database/connection.hpp"

#include "domain/base/errors.hpp"
#include "domain/base/log.hpp"
#include "persistence/database/outage.hpp"

#include <soci/postgresql/soci-postgresql.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <algorithm>
#include <filesystem>
#include <stdexcept>

#include <sys/socket.h>

namespace waybill {

namespace {

constexpr std::string_view sqlite_prefix = "sqlite:";

/// Bounds how long a call waits for a database that does not answer; options that the URL has already stay.
std::string with_timeouts(std::string url) {
  for (const std::string_view option : {"connect_timeout=3", "tcp_user_timeout=10000", "application_name=waybill"})
    if (url.find(option.substr(0, option.find('=') + 1)) == std::string::npos)
      url.append(url.find('?') == std::string::npos ? "?" : "&").append(option);
  return url;
}

bool is_temporary(const soci::postgresql_soci_error& problem) {
  // Connection, resources, operator intervention, system error: the database, not the statement.
  const auto state = problem.sqlstate().substr(0, 2);
  return state == "08" || state == "53" || state == "57" || state == "58";
}

bool is_temporary(const soci::sqlite3_soci_error& problem) {
  switch (problem.result() & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY: return true;
    default: return false;
  }
}

bool is_temporary(const std::exception& problem) {
  if (const auto* postgresql = dynamic_cast<const soci::postgresql_soci_error*>(&problem))
    return is_temporary(*postgresql);
  if (const auto* sqlite = dynamic_cast<const soci::sqlite3_soci_error*>(&problem))
    return is_temporary(*sqlite);
  return false;
}

/// By statement_timeout: the database answers, the statement took too long.
bool is_cancelled(const std::exception& problem) {
  const auto* postgresql = dynamic_cast<const soci::postgresql_soci_error*>(&problem);
  return postgresql != nullptr && postgresql->sqlstate() == "57014";
}

} // namespace

connection::connection(store_config config, access purpose)
  : config_{std::move(config)}, purpose_{purpose}, kind_{config_.url.starts_with(sqlite_prefix) ? dialect::sqlite
                                                                                                : dialect::postgresql} {
  if (!config_.watch)
    config_.watch = std::make_shared<log_watch>();
}

soci::session& connection::session() {
  if (!session_) {
    if (kind_ == dialect::sqlite)
      connect_sqlite();
    else
      connect_postgresql();
    if (std::exchange(loss_known_, false))
      log_info("the database is back");
  }
  return *session_;
}

void connection::connect_sqlite() {
  const auto path = config_.url.substr(sqlite_prefix.size());
  if (const auto folder = std::filesystem::path{path}.parent_path(); !folder.empty())
    std::filesystem::create_directories(folder);
  auto opened = std::make_unique<soci::session>(soci::sqlite3, "db=\"" + path + "\"");
  *opened << "pragma busy_timeout = " + std::to_string(sqlite_busy_timeout_ms);
  std::string mode;
  *opened << "pragma journal_mode = wal", soci::into(mode);
  *opened << (config_.unsafe_no_sync ? "pragma synchronous = off" : "pragma synchronous = full");
  *opened << "pragma foreign_keys = on";
  session_ = std::move(opened);
  if (purpose_ == access::write)
    wal_.attach(*session_);
}

void connection::connect_postgresql() {
  session_ = std::make_unique<soci::session>(soci::postgresql, with_timeouts(config_.url));
  arm();
  try {
    set_up_postgresql(*session_);
    if (purpose_ != access::migrate)
      watch().meet(*session_, last_written_);
  } catch (...) {
    disconnect();
    throw;
  }
}

void connection::set_up_postgresql(soci::session& opened) const {
  opened << "set client_min_messages = warning";
  if (purpose_ != access::migrate)
    bound_statements(opened);
  if (!config_.schema.empty())
    opened << "set search_path to " + config_.schema;
  if (purpose_ == access::write) {
    // A node that stands still, or whose host is gone, must not keep its rows locked: the node that takes its entities
    // over waits for them, and every reader of the log waits for its transaction.
    for (const auto* setting : {"idle_in_transaction_session_timeout = 2500", "tcp_keepalives_idle = 2",
                                "tcp_keepalives_interval = 1", "tcp_keepalives_count = 3", "tcp_user_timeout = 5000"})
      opened << std::string{"set "} + setting;
    // Every statement of a writer finds its rows by key. A plan that was made while a table was empty would be kept
    // when the table has grown. Therefore plans that read whole tables are forbidden, and then one generic plan is
    // enough.
    for (const auto* setting : {"plan_cache_mode = force_generic_plan", "enable_seqscan = off", "enable_hashjoin = off",
                                "enable_mergejoin = off", "jit = off"})
      opened << std::string{"set "} + setting;
  }
}

// The server's own limits are shorter, because they leave the connection usable; the limit that cuts the connection off
// is for a server that hangs.
void connection::bound_statements(soci::session& opened) const {
  opened << "set statement_timeout = " + std::to_string(call_time().count() * 4 / 5);
  // PostgreSQL 14 and later: a statement whose client has gone ends, and does not keep its locks.
  opened << "select set_config(name, '2s', false) from pg_settings where name = 'client_connection_check_interval'";
}

int connection::socket() const {
  return PQsocket(static_cast<soci::postgresql_session_backend*>(session_->get_backend())->conn_);
}

milliseconds connection::call_time() const {
  return purpose_ == access::write ? config_.write_timeout : config_.read_timeout;
}

void connection::begin_call() {
  if (kind_ == dialect::sqlite)
    return;
  deadline_ = std::chrono::steady_clock::now() + call_time();
  if (session_)
    arm();
}

void connection::end_call() noexcept {
  limit_.reset();
  deadline_.reset();
}

/// Limits the rest of the call to what is left of its time, but not to less than a second: connecting may have used it
/// up.
void connection::arm() {
  constexpr milliseconds least{1'000};
  if (!deadline_ || limit_)
    return;
  const auto left = std::chrono::duration_cast<milliseconds>(*deadline_ - std::chrono::steady_clock::now());
  limit_.emplace(socket(), std::max(left, least));
}

void connection::disconnect() noexcept {
  limit_.reset();
  // Closing sends a message, which might wait for room in the socket when the server hangs.
  if (session_ && kind_ == dialect::postgresql)
    ::shutdown(socket(), SHUT_RDWR);
  wal_.detach();
  session_.reset();
}

void connection::begin() {
  if (kind_ == dialect::sqlite)
    session() << "begin immediate";
  else
    session().begin();
}

bool connection::rollback() noexcept {
  try {
    if (session_)
      session_->rollback();
    return !is_lost();
  } catch (const std::exception&) {
    return false; // the caller drops the connection, which also rolls back
  }
}

void connection::require_reachable() {
  if (simulated_outage::is_on())
    throw std::runtime_error{"fault injection keeps it away"};
}

bool connection::is_lost() {
  if (!session_ || simulated_outage::is_on())
    return true;
  if (kind_ == dialect::sqlite)
    return false;
  return PQstatus(static_cast<soci::postgresql_session_backend*>(session_->get_backend())->conn_) != CONNECTION_OK;
}

failure connection::explain(const std::exception_ptr& problem) {
  try {
    std::rethrow_exception(problem);
  } catch (const std::exception& reason) {
    if (purpose_ == access::read && !is_lost() && is_cancelled(reason)) {
      log_warning("a query was given up because it took too long");
      return {ec::timed_out, "the query took too long"};
    }
    if (is_lost() || is_temporary(reason)) {
      if (!std::exchange(loss_known_, true))
        log_warning("the database cannot be used: {}{}", is_cut_off() ? "no answer in time: " : "", reason.what());
      return {ec::unavailable, "the database is away"};
    }
    log_error("the database refused a statement: {}", reason.what());
    return {ec::internal, "the database refused a statement"};
  }
}

bool is_contention(const std::exception& problem) {
  if (const auto* sqlite = dynamic_cast<const soci::sqlite3_soci_error*>(&problem))
    return (sqlite->result() & 0xff) == SQLITE_CONSTRAINT;
  const auto* postgresql = dynamic_cast<const soci::postgresql_soci_error*>(&problem);
  if (postgresql == nullptr)
    return false;
  const auto state = postgresql->sqlstate();
  return state == "23505" || state == "40P01" || state == "40001";
}

} // namespace waybill
