#include "tests/persistence/support/statement_costs.hpp"

#include "tests/persistence/support/run_sql.hpp"
#include "tests/support/postgres.hpp"

#include <boost/json.hpp>
#include <sqlite3.h>

#include <mutex>
#include <sstream>

namespace waybill::test {

namespace {

namespace json = boost::json;

/// A page of 200 orders takes about 1,500, a thousand events that are removed nearly 5,000.
constexpr std::int64_t most_pages = 6'000;

/// A window of ten thousand events of the log takes about half a million.
constexpr std::int64_t most_steps = 1'500'000;

std::int64_t number_at(const json::object& plan, const char* name) {
  const auto* value = plan.if_contains(name);
  return value != nullptr ? value->to_number<std::int64_t>() : 0;
}

/// Each plan in the log follows a line that ends with `plan:`, in lines that begin with a tab.
std::vector<std::string> plans_of(const std::string& log) {
  std::vector<std::string> plans;
  bool in_plan = false;
  std::istringstream lines{log};
  for (std::string line; std::getline(lines, line);) {
    if (line.ends_with("plan:")) {
      plans.emplace_back();
      in_plan = true;
    } else if (in_plan && line.starts_with('\t')) {
      plans.back() += line.substr(1) + "\n";
    } else {
      in_plan = false;
    }
  }
  return plans;
}

std::mutex steps_mutex;
std::vector<statement_cost> steps;

int note_steps(unsigned, void*, void* statement, void*) {
  auto* done = static_cast<sqlite3_stmt*>(statement);
  const auto count = sqlite3_stmt_status(done, SQLITE_STMTSTATUS_VM_STEP, 1);
  const std::lock_guard lock{steps_mutex};
  steps.push_back({sqlite3_sql(done), std::to_string(count) + " steps", count > most_steps});
  return 0;
}

int watch_steps(sqlite3* handle, char**, const struct sqlite3_api_routines*) {
  return sqlite3_trace_v2(handle, SQLITE_TRACE_PROFILE, note_steps, nullptr);
}

void (*const watch)() = reinterpret_cast<void (*)()>(watch_steps);

} // namespace

postgresql_costs::postgresql_costs(const std::string& url) {
  const auto set = "alter database " + url.substr(url.rfind('/') + 1) + " set ";
  for (const std::string setting : {"session_preload_libraries = 'auto_explain'", "auto_explain.log_min_duration = 0",
                                    "auto_explain.log_analyze = on", "auto_explain.log_buffers = on",
                                    "auto_explain.log_timing = off", "auto_explain.log_format = json"})
    run_sql(url, set + setting);
  begin_ = test_postgres::shared().log().size();
}

std::vector<statement_cost> postgresql_costs::collect() {
  std::vector<statement_cost> costs;
  for (const auto& text : plans_of(test_postgres::shared().log().substr(begin_))) {
    const auto explained = json::parse(text).as_object();
    const auto& plan = explained.at("Plan").as_object();
    const auto pages = number_at(plan, "Shared Hit Blocks") + number_at(plan, "Shared Read Blocks");
    const std::string sql{explained.at("Query Text").as_string()};
    costs.push_back({sql, std::to_string(pages) + " pages, plan " + json::serialize(plan), pages > most_pages});
  }
  return costs;
}

sqlite_costs::sqlite_costs() {
  steps.clear();
  sqlite3_auto_extension(watch);
}

sqlite_costs::~sqlite_costs() {
  sqlite3_cancel_auto_extension(watch);
}

std::vector<statement_cost> sqlite_costs::collect() {
  const std::lock_guard lock{steps_mutex};
  return steps;
}

} // namespace waybill::test
