#include "tests/cluster/chaos/preparations.hpp"

#include "persistence/database/connection.hpp"
#include "persistence/store.hpp"
#include "tests/cluster/chaos/open_stream.hpp"
#include "tests/support/http_shop.hpp"

#include <algorithm>
#include <memory>
#include <stdexcept>

namespace waybill::chaos {

namespace {

using namespace std::chrono_literals;

constexpr milliseconds patience = 120s;
/// Looks at the numbers of the database, apart from each other.
constexpr milliseconds between_looks = 2s;

store_config database_of(const cluster_of_namespaces& cluster) {
  store_config store;
  store.url = cluster.database_url();
  return store;
}

long long ask_number(const cluster_of_namespaces& cluster, const std::string& query) {
  connection database{database_of(cluster), access::read};
  long long number = 0;
  database.session() << query, soci::into(number);
  return number;
}

std::string stock_path(const std::string& product) {
  return "/v1/products/" + product + "/stock";
}

constexpr const char* adjustment = R"({"delta":1,"reason":"counted"})";

/// Events that no test needs, in few commits: an hour of them over HTTP would take minutes.
void log_quietly(const cluster_of_namespaces& cluster, std::uint64_t events) {
  constexpr std::uint64_t together = 1'000;
  const auto journal = open_journal_store(database_of(cluster), "quiet-hour");
  append next;
  next.kind = entity_kind::cluster;
  next.stream = "quiet_hour";
  while (next.expected_version < events) {
    next.at = now();
    next.events.assign(std::min(together, events - next.expected_version), {"cluster.node_joined", 1, "{}"});
    next.snapshot = entity_snapshot{1, "{}", false, std::nullopt};
    next.expected_version = journal->commit({&next, 1}).value().at(0).value().version;
  }
}

} // namespace

preparations::preparations(cluster_of_namespaces& cluster, fault_driver& driver, const accounts& people,
                           const std::vector<std::string>& products, history& into)
  : cluster_{cluster}, driver_{driver}, people_{people}, products_{products}, into_{into} {}

void preparations::make_past(std::uint64_t closed, const std::function<void()>& place_orders) {
  constexpr auto month = 30LL * 24 * 3'600 * 1'000'000;
  const auto began = std::to_string(now().time_since_epoch() / std::chrono::microseconds{1} - month);
  {
    connection database{database_of(cluster_), access::migrate};
    // Closed long after anybody could ask for them again, as nearly all are.
    for (const auto& product : products_)
      database.session() << "insert into closed_reservations (product_id, order_id, status, quantity, available, "
                            "expires_at, reserve_by) select '"
                              + product + "', 'ord_' || lpad(cast(i as text), 20, '0'), 2, 1, 0, " + began
                              + " + i + 7200000000, " + began + " + i from generate_series(1, " + std::to_string(closed)
                              + ") as i";
    database.session() << "vacuum analyze closed_reservations";
  }
  end_sessions();
  const auto before = rows_read("closed_reservations");
  driver_.restart_each("inventory");
  place_orders();
  end_sessions();
  into_.past = long_history{closed, rows_read("closed_reservations") - before};
  driver_.await_all_ready();
}

void preparations::pass_quiet_hour(std::uint64_t events) {
  using streams = std::vector<std::unique_ptr<open_stream>>;
  const auto open_all = [&] {
    streams all;
    for (const auto& url : cluster_.gateways())
      all.push_back(std::make_unique<open_stream>(url, people_.admin(), "latest"));
    require(
      [&] { return std::ranges::all_of(all, [](const auto& stream) { return stream->look().begun_at.has_value(); }); },
      "nobody can subscribe");
    return all;
  };
  const auto first_version = [&](const open_stream& stream) {
    const auto seen = stream.look();
    const auto found = std::ranges::find(seen.events, products_.front(), &live_event::stream);
    return found == seen.events.end() ? 0 : found->version;
  };
  const auto await_first = [&](const streams& all) {
    require([&] { return std::ranges::all_of(all, [&](const auto& stream) { return first_version(*stream) != 0; }); },
            "a subscriber of the latest events gets none");
  };
  {
    const auto before = open_all();
    adjust_stock("before-the-quiet-hour");
    await_first(before);
  }
  log_quietly(cluster_, events);
  {
    // Without numbers the database reads a table of this size from end to end.
    connection database{database_of(cluster_), access::migrate};
    database.session() << "vacuum analyze appends";
  }
  quiet_hour quiet;
  quiet.logged = events;
  const auto read_before = rows_read_at_rest("events", events / 8);
  driver_.await_all_ready();
  const auto before = version_of_stock();
  const auto after = open_all();
  const auto expected = adjust_stock("after-the-quiet-hour");
  await_first(after);
  for (std::size_t i = 0; i < after.size(); ++i)
    quiet.gateways.push_back({i, first_version(*after[i]), expected, before});
  end_sessions();
  quiet.rows_read = rows_read("events") - read_before;
  into_.quiet = quiet;
  driver_.await_all_ready();
}

std::uint64_t preparations::adjust_stock(const std::string& key) {
  std::uint64_t version = 0;
  std::string refusal = "no answer";
  const bool done = driver_.wait_until(
    [&] {
      auto headers = people_.admin();
      headers.emplace_back("Idempotency-Key", key);
      const auto answer =
        test::call(cluster_.gateways().front(), {"POST", stock_path(products_.front()), headers, adjustment});
      if (answer)
        refusal = std::to_string(answer->status) + " " + answer->body;
      if (!answer || answer->status != 200)
        return false;
      const std::string tag{answer->header("ETag")};
      version = tag.size() > 2 ? std::stoull(tag.substr(1)) : 0;
      return true;
    },
    patience);
  if (!done)
    throw std::runtime_error("the stock cannot be changed: " + refusal);
  return version;
}

std::uint64_t preparations::version_of_stock() {
  return static_cast<std::uint64_t>(
    ask_number(cluster_, "select coalesce(max(version), 0) from events where stream = '" + products_.front() + "'"));
}

std::uint64_t preparations::rows_read(const std::string& table) {
  return static_cast<std::uint64_t>(
    ask_number(cluster_, "select coalesce(cast(sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) as bigint), 0) from "
                         "pg_stat_user_tables where relname = '"
                           + table + "' and schemaname <> 'simulated_provider'"));
}

std::uint64_t preparations::rows_read_at_rest(const std::string& table, std::uint64_t little) {
  end_sessions();
  auto last = rows_read(table);
  require(
    [&] {
      const auto until = std::chrono::steady_clock::now() + between_looks;
      driver_.wait_until([&] { return std::chrono::steady_clock::now() >= until; }, 2 * between_looks);
      end_sessions();
      const auto before = std::exchange(last, rows_read(table));
      return last - before < little;
    },
    "the log is read without an end");
  return last;
}

void preparations::end_sessions() {
  const auto begun =
    std::to_string(ask_number(cluster_, "select cast(extract(epoch from clock_timestamp()) * 1000000 as "
                                        "bigint)"));
  require(
    [&] {
      // Again and again: one that was just beginning is seen late.
      return ask_number(cluster_, "select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = "
                                  "current_database() and pid <> pg_backend_pid() and extract(epoch from "
                                  "backend_start) * 1000000 < "
                                    + begun)
             == 0;
    },
    "the sessions of the database do not end");
}

void preparations::require(const std::function<bool()>& done, const char* otherwise) {
  if (!driver_.wait_until(done, patience))
    throw std::runtime_error(otherwise);
}

} // namespace waybill::chaos
