// Old events go to the archive and out of the log while a shop is busy, and nothing is lost on the way.

#include "persistence/queries/log/event_horizon.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/invariant_check.hpp"
#include "tests/support/role_cluster.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#define CAF_SUITE cluster.retention
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

using namespace std::chrono_literals;

std::vector<std::string> forgetful_settings(const std::string& archive) {
  auto words = quick_settings();
  for (const std::string word : {"--event-retention=1s", "--audit-walk-interval=500ms",
                                 "--audit-recheck-interval=500ms", "--audit-rows-per-second=100000"})
    words.push_back(word);
  words.push_back("--event-archive=" + archive);
  return words;
}

struct logged {
  std::string position;
  std::string id;
  std::string stream;
  std::uint64_t version = 0;
};

std::vector<std::string> files_of(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator{folder, none})
    if (entry.path().extension() == ".jsonl")
      names.push_back(entry.path().filename().string());
  std::ranges::sort(names);
  return names;
}

/// The archive in its order; each file begins where the one before it ended.
std::vector<logged> archived_events(const std::string& folder) {
  std::vector<logged> events;
  auto place = to_string(log_position{});
  for (const auto& name : files_of(folder)) {
    // events-<26 digits>-<26 digits>.jsonl
    CAF_CHECK_EQUAL(name.substr(7, 26), place);
    place = name.substr(34, 26);
    std::ifstream file{folder + "/" + name};
    for (std::string line; std::getline(file, line);) {
      const auto event = boost::json::parse(line);
      const auto text = [&](const char* member) { return std::string{event.at(member).as_string()}; };
      events.push_back({text("position"), text("id"), text("stream"), event.at("version").to_number<std::uint64_t>()});
    }
    CAF_CHECK(!events.empty() && events.back().position == place);
  }
  return events;
}

/// The events that are left in the log.
std::vector<logged> kept_events(const store_config& store) {
  std::vector<logged> events;
  const auto query = open_query_store(store);
  read_log next{{}, {}, 500, true};
  for (;;) {
    const auto page = query->run(next).value();
    if (page.events.empty())
      return events;
    for (const auto& event : page.events)
      events.push_back({to_string(event.position), event_id(event), event.stream, event.version});
    next.after = page.next;
    next.from_earliest = false;
  }
}

/// Every event exists once, in the order of the log, and no stream has a gap.
void check_whole(const std::string& archive, const store_config& store) {
  auto all = archived_events(archive);
  const auto archived = all.size();
  const auto rest = kept_events(store);
  all.insert(all.end(), rest.begin(), rest.end());
  connection database{store, access::read};
  CAF_CHECK_EQUAL(read_horizon(database).removed, archived);
  CAF_MESSAGE(archived << " events in " << files_of(archive).size() << " files, " << rest.size() << " in the log");
  CAF_CHECK(archived > 100);
  std::set<std::string> ids;
  std::map<std::string, std::uint64_t> versions;
  std::string before;
  std::size_t wrong = 0;
  for (const auto& event : all) {
    const bool as_due =
      before < event.position && ids.insert(event.id).second && event.version == versions[event.stream] + 1;
    wrong += as_due ? 0 : 1;
    before = event.position;
    versions[event.stream] = event.version;
  }
  CAF_CHECK_EQUAL(wrong, 0U);
}

std::optional<int> audit(node_process& node, const std::string& command = "audit") {
  const auto result = run_waybill({"shell", "--connect=" + node.listen_address(), "-c", command, "-o", "json"});
  CAF_CHECK(result.code == 0);
  if (result.code != 0)
    CAF_MESSAGE(result.out << result.err);
  return result.code;
}

/// More was archived than there was.
bool has_moved_on(const std::string& archive, std::size_t files) {
  return eventually([&] { return files_of(archive).size() > files; });
}

/// Reads from before the horizon are refused, and reads from the beginning are served.
void check_expired(const std::string& url) {
  const auto old = to_string(log_position{0, 1});
  for (const std::string& target : {"/v1/events?after=" + old, "/v1/events/stream?after=" + old}) {
    const auto refused = get(url, target);
    CAF_REQUIRE(refused.has_value());
    CAF_CHECK_EQUAL(refused->status, 410u);
    CAF_CHECK_EQUAL(text_at(refused->body, "/code"), "cursor_expired");
  }
  CAF_CHECK_EQUAL(get(url, "/v1/events?after=earliest")->status, 200u);
  CAF_CHECK_EQUAL(get(url, "/v1/events?limit=1")->status, 200u);
}

} // namespace

SCENARIO("a node with a retention of one second is killed during a removal: archive and log have no gap") {
  const temp_folder folder;
  const store_config store{"sqlite:" + (folder / "shop.db")};
  const auto archive = folder / "archive";
  auto words = forgetful_settings(archive);
  words.push_back("--store=" + store.url);
  std::optional<node_process> node;
  node.emplace(folder.path().string(), "embedded", words);
  node->await_ready();
  const auto products = stock_products(node->url());
  auto wishes = mixed_wishes(160, products);
  std::vector<wish> more(wishes.begin() + 120, wishes.end());
  wishes.resize(120);
  std::size_t files = 0;
  {
    rush orders{node->url(), wishes, 60s};
    CHECK(has_moved_on(archive, 0));
    node->kill();
    files = files_of(archive).size();
    node.emplace(folder.path().string(), "embedded", words);
    node->await_ready();
  }
  // The orders that were under way when the node was killed, on its new port.
  rush{node->url(), wishes, 60s}.wait();
  CHECK_EQ(lines_of(await_final(node->url(), wishes, 60s)), "");
  // The removal continues, although all old events may have been archived before the kill.
  rush{node->url(), more, 60s}.wait();
  CHECK_EQ(lines_of(await_final(node->url(), more, 60s)), "");
  CHECK(has_moved_on(archive, files));
  audit(*node);
  audit(*node, "audit --all");
  check_expired(node->url());
  CHECK_EQ(run_waybill({"scenario", "run", "1", "--url=" + node->url()}).code, std::optional<int>{0});
  // An order's state does not need the log: it is readable after all of its events were removed.
  const auto order =
    text_at(get(node->url(), "/v1/orders?status=completed&sort=created_at&limit=1")->body, "/items/0/id");
  CHECK_EQ(get(node->url(), "/v1/orders/" + order)->status, 200u);
  CHECK_EQ(get(node->url(), "/v1/orders/" + order + "/events")->status, 200u);
  const auto metrics = get(node->url(), "/metrics")->body;
  CHECK(metrics.find("waybill_retention_failing 0") != std::string::npos);
  CHECK(metrics.find("waybill_audit_violations_total{invariant=\"I4\"} 0") != std::string::npos);
  CHECK(metrics.find("waybill_audit_violations_total{invariant=\"I5\"} 0") != std::string::npos);
  CHECK_EQ(node->stop(), std::optional<int>{0});
  check_whole(archive, store);
}

SCENARIO("in a cluster with a retention of one second, the removing node is killed and continues without a gap") {
  const temp_folder folder;
  const auto archive = folder / "archive";
  role_cluster shop{forgetful_settings(archive)};
  auto wishes = mixed_wishes(160, stock_products(shop.url()));
  std::vector<wish> more(wishes.begin() + 120, wishes.end());
  wishes.resize(120);
  rush orders{shop.url(), wishes, 60s};
  CHECK(has_moved_on(archive, 0));
  shop.node("notification").kill();
  const auto files = files_of(archive).size();
  shop.restart("notification");
  orders.wait();
  CHECK_EQ(lines_of(await_final(shop.url(), wishes, 60s)), "");
  // The removal continues, although all old events may have been archived before the kill.
  rush{shop.url(), more, 60s}.wait();
  CHECK_EQ(lines_of(await_final(shop.url(), more, 60s)), "");
  CHECK(has_moved_on(archive, files));
  audit(shop.node("order"));
  audit(shop.node("payment"), "audit --all");
  check_expired(shop.url());
  for (const auto& [role, code] : shop.stop())
    CHECK_EQ(code, std::optional<int>{0});
  check_whole(archive, shop.store());
}
