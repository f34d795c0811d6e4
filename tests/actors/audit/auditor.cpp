#define CAF_SUITE actors.auditor
#include "tests/actors/support/audit.hpp"

#include "actors/audit/audit_progress.hpp"
#include "actors/audit/auditor.hpp"
#include "domain/base/errors.hpp"
#include "messages/cluster/placement.hpp"

#include <map>
#include <set>

using namespace waybill;
using namespace waybill::test;
using namespace std::chrono_literals;

namespace {

/// The answers of the scripted checker, and the requests that it got.
using names = std::vector<std::string>;

struct script {
  std::map<std::string, violations> broken;
  std::vector<std::string> all_units;
  std::uint64_t rows = 1;
  std::vector<check_audit_unit> looks;
  std::uint64_t events_read = 0;
  bool away = false;
  std::optional<ec> failure;
};

audit_checker_actor::behavior_type checker_of(script* says, const memory_database* database) {
  const auto away = [] { return to_error({ec::unavailable, "away"}); };
  return {[=](const check_audit_unit& wanted) -> caf::result<audit_unit_report> {
            if (says->away)
              return away();
            says->looks.push_back(wanted);
            if (says->failure && says->broken.contains(wanted.id))
              return to_error({*says->failure, "a defect"});
            const auto found = says->broken.find(wanted.id);
            return audit_unit_report{found == says->broken.end() ? violations{} : found->second, says->rows, 1};
          },
          [=](const list_audit_units& wanted) -> caf::result<audit_unit_page> {
            if (says->away)
              return away();
            audit_unit_page page;
            for (const auto& unit : says->all_units)
              if (unit > wanted.after && page.units.size() < wanted.limit)
                page.units.push_back(unit);
            return page;
          },
          [=](const read_log& wanted) -> caf::result<log_page> {
            if (says->away)
              return away();
            auto page = database->open_query()->run(wanted).value();
            says->events_read += page.events.size();
            return page;
          }};
}

struct fixture : order_node {
  ~fixture() override { end_auditors(); }

  void begin(const std::string& node = "test", std::vector<std::string> nodes = {"test"}) {
    auto own = services();
    own.node = node;
    checkers.push_back(sys.spawn([this] { return checker_of(&says, &database); }));
    auditors.push_back(spawn_auditor(sys, own, checkers.back(), settings));
    placement all{1, node, {}};
    for (const auto& peer : nodes)
      all.peers.push_back({peer, caf::actor_cast<caf::strong_actor_ptr>(auditors.back())});
    caf::anon_send(auditors.back(), all);
    consume_messages();
  }

  void end_auditors() {
    for (const auto& auditor : std::exchange(auditors, {}))
      caf::anon_send_exit(auditor, caf::exit_reason::kill);
    for (const auto& checker : std::exchange(checkers, {}))
      caf::anon_send_exit(checker, caf::exit_reason::kill);
    consume_messages();
  }

  order_id complete_one() {
    const auto order = order_for({line_of(product, 1)});
    CAF_REQUIRE(ask<order_placed>(orders, order).has_value());
    CAF_REQUIRE_EQUAL(rest_of(order.id).status, order::status::completed);
    return order.id;
  }

  std::size_t looks_at(const std::string& unit) const {
    return static_cast<std::size_t>(std::count_if(says.looks.begin(), says.looks.end(),
                                                  [&](const check_audit_unit& look) { return look.id == unit; }));
  }

  audit_report report() const {
    const auto kept = database.open_query()->run(load_entity{entity_kind::auditor, audit_stream}).value();
    const auto next = database.open_query()->run(read_log{audit_position(kept).value(), {}, 1}).value();
    return make_audit_report(kept, next, time()).value();
  }

  script says;
  auditor_settings settings{.walk_interval = 24h};
  product_id product = stock_up(1'000);
  std::vector<audit_checker_actor> checkers;
  std::vector<auditor_actor> auditors;
};

const violations stock_is_wrong{{"I2", "prd_1", "-1 are on hand"}};

} // namespace

SCENARIO("a violation is reported once, and stays open until a thorough check finds it gone") {
  audit_progress progress;
  const timestamp at;
  CHECK_EQ(enter(progress, "a", stock_is_wrong, false, at, 10).found.size(), 1u);
  CHECK(enter(progress, "a", stock_is_wrong, true, at, 10).found.empty());
  CHECK(enter(progress, "a", {}, false, at, 10).cleared.empty());
  CHECK(enter(progress, "b", {}, true, at, 10).cleared.empty());
  CHECK_EQ(enter(progress, "a", {}, true, at, 10).cleared.size(), 1u);
  CHECK(progress.open.empty());
  CHECK_EQ(progress.found.at(0).found, 1u);
  // More than can be remembered is counted.
  enter(progress, "a", {{"I1", "x", "1"}, {"I1", "x", "2"}}, false, at, 1);
  CHECK_EQ(progress.open.size(), 1u);
  CHECK_EQ(progress.found.at(1).found, 2u);
}

BEGIN_FIXTURE_SCOPE(fixture)

SCENARIO("changed units are checked, an order with its payment and delivery once for many events") {
  begin();
  const auto first = complete_one();
  pass(3s);
  CHECK(looks_at(first.value) >= 1);
  CHECK(looks_at(product.value) >= 1);
  CHECK_EQ(looks_at(sibling_id<payment_id>(first).value), 0u);
  says.looks.clear();
  pass(1min);
  CHECK(says.looks.empty());
}

SCENARIO("a violation is logged as one event, and is in the report") {
  begin();
  const auto order = complete_one();
  says.broken[order.value] = stock_is_wrong;
  pass(3s);
  complete_one();
  pass(2min);
  CHECK(looks_at(order.value) >= 2);
  CHECK_EQ(count_of("audit.violation_found"), 1u);
  const auto told = report();
  CAF_REQUIRE_EQUAL(told.open.size(), 1u);
  CHECK(told.open[0].violation == stock_is_wrong[0]);
  CAF_REQUIRE_EQUAL(told.found.size(), 1u);
  CHECK_EQ(told.found[0].found, 1u);
  CHECK_EQ(told.behind, milliseconds{0});
  for (const auto& event : database.log())
    if (event.type == "audit.violation_found")
      CHECK(event.stream == audit_stream && event.data.find("\"invariant\":\"I2\"") != std::string::npos);
}

SCENARIO("a thorough check closes a repaired violation, with an event") {
  begin();
  const auto order = complete_one();
  says.broken[order.value] = stock_is_wrong;
  pass(3s);
  CHECK_EQ(report().open.size(), 1u);
  says.broken.clear();
  pass(settings.recheck_interval + 5s);
  CHECK(report().open.empty());
  CHECK_EQ(report().found.at(0).found, 1u);
  CHECK_EQ(count_of("audit.violation_cleared"), 1u);
  CHECK(std::any_of(says.looks.begin(), says.looks.end(), [](const check_audit_unit& look) { return look.thorough; }));
}

SCENARIO("the next auditor continues where the last one stopped, and knows the open violations") {
  begin();
  const auto order = complete_one();
  says.broken[order.value] = stock_is_wrong;
  pass(20s);
  end_auditors();
  says.looks.clear();
  says.events_read = 0;
  begin();
  pass(10s);
  CHECK_EQ(count_of("audit.violation_found"), 1u);
  CHECK(says.events_read < 5);
  const auto later = complete_one();
  pass(10s);
  CHECK(looks_at(later.value) >= 1);
}

SCENARIO("one auditor works in the cluster, and one whose role has moved stops") {
  const std::vector<std::string> nodes{"one", "two"};
  begin("one", nodes);
  begin("two", nodes);
  const auto owner = owner_of(shard_of(audit_stream), nodes);
  complete_one();
  pass(5s);
  const auto read = says.events_read;
  CHECK_EQ(read, database.log().size() - 1);
  // The other one takes over.
  placement rest{2, nodes[1 - owner], {{nodes[1 - owner], nullptr}}};
  placement none{2, nodes[owner], {}};
  caf::anon_send(auditors[1 - owner], rest);
  caf::anon_send(auditors[owner], none);
  pass(10s);
  const auto before = says.events_read;
  const auto events = database.log().size();
  complete_one();
  pass(5s);
  CHECK_EQ(says.events_read - before, database.log().size() - events);
}

SCENARIO("G2: two auditors that both believe to be the only one report a violation once") {
  begin("one", {"one"});
  begin("two", {"two"});
  shuffled = true;
  const auto order = complete_one();
  says.broken[order.value] = stock_is_wrong;
  pass(2min);
  CHECK_EQ(count_of("audit.violation_found"), 1u);
}

SCENARIO("the auditor's reads are bounded by its budget, and it reports how far behind it is") {
  settings.rows_per_second = 100;
  says.rows = 99;
  begin();
  for (int i = 0; i < 50; ++i)
    complete_one();
  const auto spent = [&] { return 100 * says.looks.size() + says.events_read; };
  const auto before = spent();
  const auto began = time();
  pass(15s);
  const auto seconds = std::chrono::duration<double>(time() - began).count();
  CHECK(spent() - before > 500);
  // The last look, and the last page, are paid for afterwards.
  CHECK(static_cast<double>(spent() - before) <= 100 * seconds + 300);
  CHECK(report().behind > milliseconds{1'000});
  pass(30min);
  CHECK_EQ(report().behind, milliseconds{0});
}

SCENARIO("A13: events that readers may not see yet count as backlog, even when the auditor has read all others") {
  settings.unread_age = [] { return milliseconds{40'000}; };
  begin();
  complete_one();
  pass(10s);
  const auto& lag = *sys.metrics().gauge_singleton<double>(
    "waybill", "audit-lag", "Age of the oldest event that the auditor has not checked.", "seconds");
  CHECK_EQ(lag.value(), 40.0);
}

SCENARIO("all tables are checked thoroughly once in each interval, and a restart does not begin anew") {
  for (int i = 100; i < 200; ++i)
    says.all_units.push_back("prd_" + std::to_string(i));
  settings.walk_interval = 1h;
  settings.rows_per_second = 20;
  begin();
  pass(5s);
  const auto half = says.looks.size();
  CHECK(half > 10 && half < 100);
  pass(10s);
  end_auditors();
  begin();
  pass(5min);
  CHECK(says.looks.size() < 200);
  for (const auto& unit : says.all_units)
    CHECK(looks_at(unit) >= 1);
  CHECK(std::all_of(says.looks.begin(), says.looks.end(), [](const check_audit_unit& look) { return look.thorough; }));
  CHECK(report().walked_at.has_value());
  says.looks.clear();
  pass(1h);
  CHECK_EQ(says.looks.size(), 100u);
}

SCENARIO("while the database is unavailable the auditor waits, and then continues by itself") {
  begin();
  pass(2s);
  says.away = true;
  const auto order = complete_one();
  pass(1min);
  CHECK_EQ(looks_at(order.value), 0u);
  says.away = false;
  pass(5s);
  CHECK(looks_at(order.value) >= 1);
}

SCENARIO("a unit that cannot be checked does not delay the others") {
  begin();
  const auto order = complete_one();
  says.broken[order.value] = {};
  says.failure = ec::internal;
  pass(5s);
  CHECK(looks_at(order.value) >= 1);
  CHECK(looks_at(product.value) >= 1);
  CHECK_EQ(report().behind, milliseconds{0});
}

SCENARIO("a full audit checks each unit once, and reports its progress and the violations") {
  for (int i = 100; i < 350; ++i)
    says.all_units.push_back("prd_" + std::to_string(i));
  says.broken["prd_200"] = stock_is_wrong;
  auto full = spawn_full_auditor(sys, [this] { return sys.spawn([this] { return checker_of(&says, &database); }); });
  std::optional<full_audit_progress> last;
  run_to("the end of the check", [&] {
    last = *ask<full_audit_progress>(full, run_full_audit{7});
    return last->done;
  });
  CHECK_EQ(last->units, 250u);
  CHECK_EQ(last->total_found, 1u);
  CHECK(last->found == stock_is_wrong);
  // And first at the files.
  CHECK_EQ(says.looks.size(), 251u);
  CHECK_EQ(says.looks.front().id, std::string{stored_files_unit});
  CHECK_EQ(ask<full_audit_progress>(full, run_full_audit{7})->units, 250u);
  caf::anon_send_exit(full, caf::exit_reason::user_shutdown);
}

SCENARIO("one full audit runs at a time, and ends when nobody asks for its progress any more") {
  for (int i = 0; i < 5; ++i)
    says.all_units.push_back("prd_" + std::to_string(i));
  says.broken["prd_3"] = {};
  says.failure = ec::internal;
  auto full = spawn_full_auditor(sys, [this] { return sys.spawn([this] { return checker_of(&says, &database); }); });
  const auto failed = ask<full_audit_progress>(full, run_full_audit{1});
  consume_messages();
  CHECK_EQ(ask<full_audit_progress>(full, run_full_audit{1}).error().code, ec::internal);
  says.failure.reset();
  auto other = send<full_audit_progress>(full, run_full_audit{2});
  auto third = send<full_audit_progress>(full, run_full_audit{3});
  run_to("both answers", [&] { return other->has_value() && third->has_value(); });
  CHECK((*other)->has_value());
  CHECK_EQ((*third)->error().code, ec::conflict);
  pass(1min);
  CHECK(ask<full_audit_progress>(full, run_full_audit{3}).has_value());
  caf::anon_send_exit(full, caf::exit_reason::user_shutdown);
  pass(1min);
}

SCENARIO("a full audit continues after a lost connection, and gives up when the connection does not return") {
  for (int i = 100; i < 200; ++i)
    says.all_units.push_back("prd_" + std::to_string(i));
  auto full = spawn_full_auditor(sys, [this] { return sys.spawn([this] { return checker_of(&says, &database); }); });
  const auto progress = [&] { return ask<full_audit_progress>(full, run_full_audit{1}); };
  run_to("the middle of the check", [&] { return progress()->units > 40; });
  says.away = true;
  for (int i = 0; i < 12; ++i) {
    pass(10s);
    REQUIRE(progress().has_value());
  }
  CHECK(progress()->units < 100u);
  says.away = false;
  run_to("the end of the check", [&] { return progress()->done; });
  // Each unit once, and the files.
  CHECK_EQ(says.looks.size(), 101u);
  says.away = true;
  for (int i = 0; i < 40 && ask<full_audit_progress>(full, run_full_audit{2}).has_value(); ++i)
    pass(10s);
  CHECK(!ask<full_audit_progress>(full, run_full_audit{2}).has_value());
  caf::anon_send_exit(full, caf::exit_reason::user_shutdown);
}

END_FIXTURE_SCOPE()
