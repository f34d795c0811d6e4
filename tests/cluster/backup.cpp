#include "tests/support/eventually.hpp"
#include "tests/support/http_shop.hpp"
#include "tests/support/node_process.hpp"
#include "tests/support/postgres.hpp"
#include "tests/support/steady_load.hpp"
#include "tests/support/temp_folder.hpp"

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#define CAF_SUITE cluster.backup
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

namespace fs = std::filesystem;
using words = std::vector<std::string>;

struct shop_folder : temp_folder {
  std::string store = "--store=sqlite:" + (*this / "data/shop.db");

  [[nodiscard]] node_process start(const std::string& name) const {
    auto all = quick_settings();
    all.push_back(store);
    return {path().string(), name, all};
  }
};

command_result audit_everything(node_process& node) {
  return run_waybill({"shell", "--connect=" + node.listen_address(), "-c", "audit --all"});
}

} // namespace

SCENARIO("a backup that is made under load restores to a shop without one violation") {
  const shop_folder folder;
  const auto backup = folder / "backup";
  std::size_t accepted_before = 0;
  {
    auto node = folder.start("first");
    node.await_ready();
    auto wishes = mixed_wishes(20'000, stock_products(node.url()));
    steady_load load{node.url(), wishes};
    REQUIRE(load.await(60));
    accepted_before = load.accepted();
    const auto made = run_waybill({"backup", "--to=" + backup, folder.store});
    CAF_MESSAGE(made.out << made.err);
    CHECK_EQ(made.code, std::optional<int>{0});
    CHECK(made.out.find("0 violations") != std::string::npos);
    // Its name is taken.
    CHECK_EQ(run_waybill({"backup", "--to=" + backup, folder.store}).code, std::optional<int>{1});
    const auto refused = run_waybill({"restore", "--from=" + backup, folder.store});
    CHECK_EQ(refused.code, std::optional<int>{1});
    CHECK(refused.err.find("process " + std::to_string(node.process().pid())) != std::string::npos);
    REQUIRE(load.await(20));
    load.stop();
    node.kill();
  }
  const auto restored = run_waybill({"restore", "--from=" + backup, folder.store});
  CAF_MESSAGE(restored.out << restored.err);
  CHECK_EQ(restored.code, std::optional<int>{0});
  auto node = folder.start("second");
  node.await_ready();
  CHECK(
    eventually([&] { return get(node.url(), "/v1/orders?status=placed")->body.find("\"id\"") == std::string::npos; }));
  const auto audited = audit_everything(node);
  CAF_MESSAGE(audited.out << audited.err);
  CHECK_EQ(audited.code, std::optional<int>{0});
  CHECK(accepted_before >= 60u);
  CHECK_EQ(node.stop(), std::optional<int>{0});
}

SCENARIO("a second node on one SQLite file is refused with the number of the first, also after that was killed") {
  const shop_folder folder;
  auto first = folder.start("first");
  first.await_ready();
  const words second{"node", folder.store, "--http=127.0.0.1:0", "--listen=127.0.0.1:0"};
  const auto refused = run_waybill(second);
  CAF_MESSAGE(refused.err);
  CHECK_EQ(refused.code, std::optional<int>{1});
  CHECK(refused.err.find("is in use by process " + std::to_string(first.process().pid())) != std::string::npos);
  CHECK(first.is_ready());
  first.kill();
  auto next = folder.start("next");
  next.await_ready();
  CHECK_EQ(next.stop(), std::optional<int>{0});
}

SCENARIO("a node whose database file is removed or replaced says so and accepts no more orders") {
  const shop_folder folder;
  auto node = folder.start("single");
  node.await_ready();
  const auto path = folder / "data/shop.db";
  fs::rename(path, path + ".away");
  CHECK(eventually([&] { return get(node.url(), "/readyz")->status == 503; }));
  CHECK(get(node.url(), "/readyz")->body.find("moved, removed or replaced") != std::string::npos);
  const auto refused = get(node.url(), "/v1/orders");
  CHECK_EQ(refused->status, 503u);
  CHECK(!fs::exists(path));
  CHECK(node.log().find("moved, removed or replaced") != std::string::npos);
  fs::rename(path + ".away", path);
  CHECK(eventually([&] { return node.is_ready(); }));
  CHECK_EQ(node.stop(), std::optional<int>{0});
}

namespace {

constexpr std::string_view damaged = "the database is damaged: ";

/// Makes a file of 200 orders by a node that ends in order.
void fill(const shop_folder& folder) {
  auto node = folder.start("first");
  node.await_ready();
  auto wishes = mixed_wishes(200, stock_products(node.url()));
  rush orders{node.url(), wishes, std::chrono::seconds{60}};
  orders.wait();
  CAF_CHECK_EQUAL(node.stop(), std::optional<int>{0});
}

void damage_second_half(const fs::path& path) {
  const auto size = fs::file_size(path);
  std::fstream file{path, std::ios::in | std::ios::out | std::ios::binary};
  for (std::uintmax_t at = size / 2; at < size; at += 4096) {
    file.seekp(static_cast<std::streamoff>(at));
    file << std::string(64, '\x5a');
  }
}

void check_told_once(const std::string& log) {
  const auto first = log.find(damaged);
  CAF_REQUIRE(first != std::string::npos);
  CAF_CHECK(log.find(damaged, first + 1) == std::string::npos);
}

} // namespace

SCENARIO("a node whose file is damaged is not ready any more, says why once, and audit --all names the damage") {
  const shop_folder folder;
  fill(folder);
  auto node = folder.start("second");
  node.await_ready();
  damage_second_half(folder / "data/shop.db");
  const auto audited = audit_everything(node);
  CAF_MESSAGE(audited.out << audited.err);
  CHECK(audited.code != std::optional<int>{0});
  CHECK((audited.out + audited.err).find("damaged") != std::string::npos);
  CHECK(
    eventually([&] { return get(node.url(), "/readyz")->body.find("the database is damaged") != std::string::npos; }));
  CHECK_EQ(get(node.url(), "/readyz")->status, 503u);
  check_told_once(node.log());
  node.stop();
}

SCENARIO("for PostgreSQL, backup and restore change nothing and name the commands to use") {
  const auto store = "--store=" + test_postgres::shared().create_database();
  for (const std::string command : {"backup", "restore"}) {
    const auto told = run_waybill({command, store});
    CHECK_EQ(told.code, std::optional<int>{1});
    CHECK(told.out.find("pg_dump") != std::string::npos);
    CHECK(told.out.find("Nothing was") != std::string::npos);
  }
}
