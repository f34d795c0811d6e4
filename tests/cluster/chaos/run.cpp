#include "tests/cluster/chaos/run.hpp"

#include "persistence/database/connection.hpp"
#include "tests/cluster/chaos/accounts.hpp"
#include "tests/cluster/chaos/followers.hpp"
#include "tests/cluster/chaos/load.hpp"
#include "tests/cluster/chaos/preparations.hpp"
#include "tests/cluster/chaos/restore.hpp"
#include "tests/support/http_shop.hpp"
#include "tests/support/invariant_check.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <cstdio>
#include <stdexcept>

namespace waybill::chaos {

namespace {

using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;

constexpr const char* logged_events = "select coalesce(sum(event_count), 0)::bigint from appends";

/// Couriers and the provider are quick and deadlines short, so that a run does not wait for them. Leases, request
/// time-outs and retries have their defaults: they decide how long an order makes no progress.
std::vector<std::string> node_words() {
  return {"--payment-provider-timeout=500ms",
          "--delivery-answer-within=400ms",
          "--delivery-start-within=400ms",
          "--delivery-finish-within=5s",
          "--courier-shortest-delay=5ms",
          "--courier-longest-delay=40ms",
          "--couriers=200",
          "--auth-service-key-memory=" + std::to_string(schedule_settings{}.revoked_within.count()) + "ms",
          "--order-reserve-deadline=20s",
          "--order-authorize-deadline=20s",
          "--order-dispatch-deadline=20s",
          "--order-deliver-deadline=40s",
          "--order-settle-deadline=40s",
          "--order-compensate-deadline=40s"};
}

store_config store_of(const cluster_of_namespaces& cluster) {
  store_config store;
  store.url = cluster.database_url();
  return store;
}

/// The result of a count in the database; nothing while the database cannot be queried.
std::optional<long long> count(const cluster_of_namespaces& cluster, const std::string& query) {
  try {
    connection database{store_of(cluster), access::read};
    long long number = 0;
    database.session() << query, soci::into(number);
    return number;
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

class one_run {
public:
  one_run(const run_settings& settings, const waiter& wait)
    : settings_{settings}, wait_{wait}, cluster_{cluster_settings_of(settings)}, driver_{cluster_, result_.seen, wait} {
  }

  run_result go() {
    start();
    prepare();
    followers subscribers{{cluster_.gateways(), settings_.followers, settings_.seed}, *people_, result_.seen.followed};
    send_and_break(subscribers);
    settle();
    verify();
    catch_up(subscribers);
    if (settings_.with_restore)
      restore(subscribers);
    result_.seen.followed_until = now();
    subscribers.stop();
    result_.follower_connections = subscribers.connections();
    end_all();
    check();
    return std::move(result_);
  }

private:
  static cluster_settings cluster_settings_of(const run_settings& settings) {
    cluster_settings cluster;
    cluster.node_words = node_words();
    cluster.node_words.insert(cluster.node_words.end(), settings.node_words.begin(), settings.node_words.end());
    cluster.members = settings.members;
    cluster.program = settings.program;
    cluster.with_links = settings.with_links;
    return cluster;
  }

  void say(const std::string& text) const {
    std::printf("%s  %s\n", to_rfc3339(now()).c_str(), text.c_str());
    std::fflush(stdout);
  }

  /// False when it still is not after `limit`.
  template <class Condition>
  bool wait_until(Condition done, milliseconds limit) {
    const auto begun = steady::now();
    while (!done()) {
      if (steady::now() - begun >= limit)
        return false;
      wait_(100ms);
    }
    return true;
  }

  void start() {
    for (const auto& member : cluster_.members())
      if (!wait_until([&] { return cluster_.is_ready(member.name) || !cluster_.runs(member.name); }, 120s)
          || !cluster_.runs(member.name))
        throw std::runtime_error("node " + member.name + " does not become ready: " + cluster_.last_words(member.name));
    people_.emplace(cluster_.gateways());
    plan_ = make_requests({settings_.seed, settings_.duration, settings_.rate, cluster_.gateways().size()});
    for (const auto on_hand : stock_of_products())
      if (!wait_until([&] { return make_product(on_hand); }, 30s))
        throw std::runtime_error("no products can be made");
  }

  bool make_product(std::int64_t on_hand) {
    const auto sku = "chaos-" + std::to_string(products_.size());
    const auto body = boost::json::serialize(boost::json::value{
      {"sku", sku}, {"name", sku}, {"price", {{"amount", 1250}, {"currency", "EUR"}}}, {"on_hand", on_hand}});
    const auto made = test::call(cluster_.gateways().front(), {"POST", "/v1/products", people_->admin(), body});
    if (!made || made->status != 201)
      return false;
    products_.push_back(test::text_at(made->body, "/id"));
    return true;
  }

  void prepare() {
    preparations before{cluster_, driver_, *people_, products_, result_.seen};
    if (settings_.past_lines != 0) {
      say("the products get a past");
      before.make_past(settings_.past_lines, [&] { place_others(1, result_.seen.exchanges); });
    }
    if (settings_.quiet_events != 0) {
      say("a quiet hour passes");
      before.pass_quiet_hour(settings_.quiet_events);
    }
  }

  /// Places some orders beside those of the load, with labels of their own for each `series`; returns the accepted ids.
  std::vector<std::string> place_others(std::uint64_t series, std::vector<exchange>& exchanges) {
    constexpr std::uint64_t apart = 1'000'000;
    auto plan = make_requests({settings_.seed + apart * series, 3s, 10, cluster_.gateways().size()});
    std::vector<std::optional<std::string>> accepted;
    {
      load customers{plan, {cluster_.gateways(), products_}, *people_, accepted, exchanges};
      if (!driver_.wait_until([&] { return customers.finished(); }, 150s))
        throw std::runtime_error("some orders beside the load do not end");
    }
    std::vector<std::string> ids;
    for (auto& order : accepted)
      if (order)
        ids.push_back(*order);
    return ids;
  }

  std::optional<std::size_t> logged() const {
    const auto events = count(cluster_, logged_events);
    return events ? std::optional{static_cast<std::size_t>(*events)} : std::nullopt;
  }

  void restore(const followers& subscribers) {
    say("the database is put back to a backup");
    const auto kept = std::ranges::find_if(accepted_, [](const auto& order) { return order.has_value(); });
    if (kept == accepted_.end())
      throw std::runtime_error("no order was accepted");
    std::vector<exchange> lost;
    std::uint64_t series = 3;
    restore_steps steps;
    steps.place_orders_to_lose = [&] { return place_others(2, lost); };
    steps.place_orders = [&] { place_others(series++, result_.seen.exchanges); };
    steps.all_followed = [&] { return subscribers.slowest() >= logged().value_or(SIZE_MAX); };
    steps.kept_order = **kept;
    restore_under_load(cluster_, driver_, *people_, subscribers, steps, result_.seen);
    settle();
    catch_up(subscribers);
  }

  void send_and_break(const followers& subscribers) {
    const auto schedule = make_schedule(schedule_of(settings_));
    say("the load begins: " + std::to_string(plan_.orders.size()) + " orders, " + std::to_string(plan_.requests.size())
        + " requests, " + std::to_string(schedule.size()) + " faults");
    load customers{plan_, {cluster_.gateways(), products_}, *people_, accepted_, result_.seen.exchanges};
    driver_.run(schedule, {*people_, [&] { return logged(); }, [&] { return subscribers.slowest(); }});
    say("all faults have healed");
    if (!wait_until([&] { return customers.finished(); }, settings_.duration + 130s))
      throw std::runtime_error("the load does not end");
    result_.seen.load_ended = now();
    say(std::to_string(customers.accepted()) + " orders were accepted");
  }

  /// Untouched: to ask for an order would wake it.
  void settle() {
    const auto open = "select count(*) from orders where status not in "
                      "('completed', 'rejected', 'cancelled', 'needs_attention')";
    const bool rested = wait_until([&] { return count(cluster_, open) == 0; }, settings_.settle_limit);
    result_.seen.rested = now();
    say(rested ? "every order is at rest" : "NOT every order is at rest");
  }

  void verify() {
    auto asked = make_verification(plan_, cluster_.gateways().size());
    std::erase_if(asked.requests, [&](const planned_request& request) { return !accepted_[request.order]; });
    load customers{asked, {cluster_.gateways(), products_}, *people_, accepted_, result_.seen.exchanges};
    if (!wait_until([&] { return customers.finished(); }, 300s))
      throw std::runtime_error("the verification does not end");
  }

  /// The log is complete when nothing was added for a while: the notifier works after the orders. A subscriber needs
  /// time to read a long log from its beginning; only one without progress is given up.
  void catch_up(const followers& subscribers) {
    std::optional<long long> before;
    std::size_t read = 0;
    const auto at_the_latest = steady::now() + 15min;
    for (bool quiet = false, gets_on = true; !quiet && gets_on && steady::now() < at_the_latest;)
      gets_on = wait_until(
        [&] {
          const auto events = count(cluster_, logged_events);
          const auto slowest = subscribers.slowest();
          quiet = events && events == before && static_cast<long long>(slowest) >= *events;
          const bool moved = slowest > read || events != before;
          before = events;
          read = slowest;
          if (!quiet)
            wait_(1s);
          return quiet || moved;
        },
        60s);
  }

  void end_all() {
    for (const auto& member : cluster_.members())
      if (cluster_.runs(member.name))
        cluster_.ask_to_end(member.name);
    for (const auto& member : cluster_.members())
      if (!wait_until([&] { return cluster_.has_ended(member.name, result_.seen); }, 40s))
        cluster_.give_up(member.name, result_.seen);
    say("every node has ended");
  }

  void check() {
    const auto store = store_of(cluster_);
    auto ledger = store;
    ledger.schema = "simulated_provider";
    const auto stores = test::read_contents(store);
    const auto invariants = test::check_invariants(store, ledger);
    result_.violations = check_all(result_.seen, stores);
    for (auto& early : check_calls(stores, test::read_contents(ledger)))
      result_.violations.push_back(std::move(early));
    for (const auto& text : invariants.violations)
      result_.violations.push_back({text.substr(0, text.find(':')), text.substr(text.find(':') + 2)});
    for (const auto& line : cluster_.alarming_lines())
      result_.violations.push_back({"defect", line});
    result_.drain_failures = check_drains(result_.seen);
    if (settings_.require_drain)
      result_.violations.insert(result_.violations.end(), result_.drain_failures.begin(), result_.drain_failures.end());
    result_.losses = measure_stand_still(result_.seen, stores);
    result_.longest_without_fault = longest_without_fault(result_.seen, stores);
    for (const auto& [id, row] : stores.order_rows)
      ++result_.orders_by_status[row.status];
    result_.events = invariants.events;
    result_.ledger_entries = invariants.ledger_entries;
    if (!settings_.keep.empty() && !result_.violations.empty())
      cluster_.keep_logs(settings_.keep + "/seed-" + std::to_string(settings_.seed));
  }

  const run_settings& settings_;
  const waiter& wait_;
  run_result result_;
  request_plan plan_;
  cluster_of_namespaces cluster_;
  fault_driver driver_;
  std::optional<accounts> people_;
  std::vector<std::string> products_;
  std::vector<std::optional<std::string>> accepted_;
};

} // namespace

schedule_settings schedule_of(const run_settings& settings) {
  schedule_settings schedule;
  schedule.seed = settings.seed;
  schedule.duration = settings.duration;
  schedule.kinds = settings.kinds;
  schedule.members = settings.members;
  schedule.roles = settings.roles;
  return schedule;
}

run_result run(const run_settings& settings, const waiter& wait) {
  return one_run{settings, wait}.go();
}

} // namespace waybill::chaos
