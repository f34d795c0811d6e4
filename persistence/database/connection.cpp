#include "persistence/database/connection.hpp"

#include "domain/base/errors.hpp"
#include "domain/base/log.hpp"
#include "persistence/faults/outage.hpp"
#include "persistence/files/sqlite_file.hpp"
#include "persistence/trouble/known_stores.hpp"

#include <soci/postgresql/soci-postgresql.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <mutex>
#include <stdexcept>
#include <utility>

#include <sys/socket.h>

namespace waybill {

namespace {

/// Bounds how long a call waits for a database that does not answer; options that the URL has already stay.
std::string with_timeouts(std::string url) {
  for (const std::string_view option : {"connect_timeout=3", "tcp_user_timeout=10000", "application_name=waybill"})
    if (url.find(option.substr(0, option.find('=') + 1)) == std::string::npos)
      url.append(url.find('?') == std::string::npos ? "?" : "&").append(option);
  return url;
}

/// By statement_timeout: the database answers, the statement took too long.
bool is_cancelled(const std::exception& problem) {
  const auto* postgresql = dynamic_cast<const soci::postgresql_soci_error*>(&problem);
  return postgresql != nullptr && postgresql->sqlstate() == "57014";
}

/// Writes each kind of refusal that is our fault once in a while: what fails may be repeated by every request.
void log_refusal(const std::string& kind, const std::string& reason) {
  constexpr std::chrono::seconds period{30};
  struct entry {
    std::chrono::steady_clock::time_point said;
    std::uint64_t unsaid = 0;
  };
  static std::mutex mutex;
  static std::map<std::string, entry> entries;
  const std::lock_guard lock{mutex};
  const auto at = std::chrono::steady_clock::now();
  auto [known, is_new] = entries.try_emplace(kind, entry{at, 0});
  if (!is_new && at - known->second.said < period) {
    ++known->second.unsaid;
    return;
  }
  if (const auto unsaid = std::exchange(known->second, {at, 0}).unsaid; unsaid != 0)
    log_error("the database refused a statement: {} ({} more times since it was last said)", reason, unsaid);
  else
    log_error("the database refused a statement: {}", reason);
}

std::string kind_of(const std::exception& problem) {
  if (const auto* postgresql = dynamic_cast<const soci::postgresql_soci_error*>(&problem))
    return postgresql->sqlstate();
  if (const auto* sqlite = dynamic_cast<const soci::sqlite3_soci_error*>(&problem))
    return std::to_string(sqlite->result());
  return problem.what();
}

} // namespace

connection::connection(store_config config, access purpose)
  : config_{std::move(config)}, purpose_{purpose}, kind_{sqlite_path(config_.url) ? dialect::sqlite
                                                                                  : dialect::postgresql} {
  if (!config_.watch)
    config_.watch = std::make_shared<log_watch>();
}

soci::session& connection::session() {
  if (known_stores::is_damaged(config_.url))
    throw store_unusable{store_trouble::damaged};
  if (!session_) {
    if (const auto trouble = known_stores::look(config_.url); trouble != store_trouble::none)
      throw store_unusable{trouble};
    if (kind_ == dialect::sqlite)
      connect_sqlite();
    else
      connect_postgresql();
  }
  return *session_;
}

void connection::note_success() {
  if (std::exchange(loss_known_, false))
    log_info("the database is back");
}

void connection::require_usable() {
  if (const auto trouble = known_stores::look(config_.url); trouble != store_trouble::none)
    throw store_unusable{trouble};
  if (kind_ == dialect::sqlite) {
    if (is_write_protected(*sqlite_path(config_.url)))
      throw store_unusable{store_trouble::read_only};
    return;
  }
  int read_only = 0;
  session() << "select case when pg_is_in_recovery() or current_setting('transaction_read_only') = 'on' then 1 else 0 "
               "end",
    soci::into(read_only);
  if (read_only != 0)
    throw store_unusable{store_trouble::read_only};
}

void connection::require_room() {
  if (kind_ == dialect::sqlite && is_disk_full(*sqlite_path(config_.url)))
    throw store_unusable{store_trouble::full};
}

void connection::connect_sqlite() {
  const auto path = *sqlite_path(config_.url);
  // SQLite would make it readable for all.
  if (const auto made = make_private_file(path); made.has_error())
    throw std::runtime_error{made.error().detail};
  auto opened = std::make_unique<soci::session>(soci::sqlite3, "db=\"" + path + "\"");
  *opened << "pragma busy_timeout = " + std::to_string(sqlite_busy_timeout_ms);
  std::string mode;
  *opened << "pragma journal_mode = wal", soci::into(mode);
  *opened << (config_.unsafe_no_sync ? "pragma synchronous = off" : "pragma synchronous = full");
  *opened << "pragma foreign_keys = on";
  // A log that had to grow, because somebody read for long, becomes short again.
  *opened << "pragma journal_size_limit = " + std::to_string(sqlite_log_size);
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

/// Where the tables are already, otherwise where they would be made. Example: they were made in `public`; a schema with
/// the name of the database's user, made later, comes before it in the search_path and must not hide them.
void connection::find_schema(soci::session& opened) {
  schema_.clear();
  if (!config_.schema.empty()) {
    schema_ = config_.schema;
    opened << "set search_path to " + schema_;
    return;
  }
  soci::indicator exists = soci::i_null;
  opened << "select set_config('search_path', quote_ident(n.nspname), false) from pg_class c join pg_namespace n "
            "on n.oid = c.relnamespace where c.oid = to_regclass('schema_migrations')",
    soci::into(schema_, exists);
  if (exists != soci::i_ok)
    schema_.clear();
}

void connection::set_up_postgresql(soci::session& opened) {
  opened << "set client_min_messages = warning";
  if (purpose_ != access::migrate)
    bound_statements(opened);
  find_schema(opened);
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
  auto& opened = session();
  if (kind_ == dialect::postgresql) {
    opened << (schema_.empty() ? "begin" : "begin; set local search_path to " + schema_);
    return;
  }
  if (const auto trouble = known_stores::look(config_.url); trouble != store_trouble::none)
    throw store_unusable{trouble};
  opened << "begin immediate";
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
  } catch (const store_unusable& reason) {
    return report(reason.trouble(), reason.what());
  } catch (const std::exception& reason) {
    const bool lost = is_lost();
    if (purpose_ == access::read && !lost && is_cancelled(reason)) {
      log_warning("a query was given up because it took too long");
      return {ec::timed_out, "the query took too long"};
    }
    const auto fault = classify(reason);
    // A file can be found damaged while it is opened; what a server says then is about the connection.
    if (fault.kind == fault_kind::unusable && (!lost || kind_ == dialect::sqlite))
      return report(fault.trouble, reason.what());
    if (lost)
      return report(store_trouble::away, reason.what());
    if (fault.kind == fault_kind::try_again)
      return {ec::unavailable, "another session of the database was in the way"};
    log_refusal(kind_of(reason), reason.what());
    return {ec::internal, "the database refused a statement"};
  }
}

failure connection::report(store_trouble trouble, const std::string& reason) {
  const bool is_news = !std::exchange(loss_known_, true);
  if (trouble == store_trouble::damaged) {
    if (known_stores::set_damaged(config_.url))
      log_error("the database is damaged: {}; this process no longer uses it: restore a backup, or repair it, "
                "and start again",
                reason);
  } else if (is_news && trouble == store_trouble::gone) {
    log_error("{} under the running node, which takes no more work: put it back, or stop the node and start it again",
              sentence_of(trouble));
  } else if (is_news) {
    const std::string_view why = is_cut_off() ? "no answer in time" : sentence_of(trouble);
    log_warning("the database cannot be used: {}{}{}", why, reason.empty() ? "" : ": ", reason);
  }
  return to_failure(trouble);
}

fault_class classify(const std::exception& problem) {
  if (const auto* postgresql = dynamic_cast<const soci::postgresql_soci_error*>(&problem))
    return classify_sqlstate(postgresql->sqlstate());
  if (const auto* sqlite = dynamic_cast<const soci::sqlite3_soci_error*>(&problem))
    return classify_sqlite_code(sqlite->result());
  return {};
}

} // namespace waybill
