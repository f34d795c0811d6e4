#include "tests/support/eventually.hpp"
#include "tests/support/node_process.hpp"
#include "tests/support/http_shop.hpp"
#include "tests/support/temp_folder.hpp"

#include <algorithm>
#include <csignal>
#include <filesystem>

#define CAF_SUITE cluster.lifecycle
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

using words = std::vector<std::string>;

node_process start(const temp_folder& folder, words more = {}) {
  auto all = quick_settings();
  all.push_back("--store=sqlite:" + (folder / "shop.db"));
  std::ranges::move(more, std::back_inserter(all));
  return {folder.path().string(), "single", all};
}

/// The start ends with `code` and one line that holds `message`.
void check_refused(const words& options, int code, const std::string& message) {
  const temp_folder folder;
  words all{"node", "--store=sqlite:" + (folder / "refused.db"), "--http=127.0.0.1:0", "--listen=127.0.0.1:0"};
  for (const auto& option : options) {
    const auto name = option.substr(0, option.find('=') + 1);
    std::erase_if(all, [&](const std::string& given) { return given.starts_with(name); });
    all.push_back(option);
  }
  const auto refused = run_waybill(all);
  CAF_MESSAGE(refused.err);
  CAF_CHECK_EQUAL(refused.code, std::optional<int>{code});
  CAF_CHECK_EQUAL(std::ranges::count(refused.err, '\n'), 1);
  CAF_CHECK(refused.err.find(message) != std::string::npos);
  CAF_CHECK(!std::filesystem::exists(folder / "refused.db"));
}

} // namespace

SCENARIO("an idle node ends with code 0 on SIGTERM and on SIGINT") {
  for (const int signal : {SIGTERM, SIGINT}) {
    const temp_folder folder;
    auto node = start(folder);
    node.await_ready();
    CHECK_EQ(node.stop(signal), std::optional<int>{0});
    CHECK(node.log().find("has ended") != std::string::npos);
  }
}

SCENARIO("a node under load ends with code 0, and accepted orders continue after the next start") {
  for (const int signal : {SIGTERM, SIGINT}) {
    const temp_folder folder;
    auto node = start(folder);
    node.await_ready();
    auto wishes = mixed_wishes(200, stock_products(node.url()));
    rush orders{node.url(), wishes};
    REQUIRE(eventually([&] { return orders.accepted() >= 60; }));
    CHECK_EQ(node.stop(signal), std::optional<int>{0});
    CHECK_EQ(node.log().find("took too long"), std::string::npos);
    orders.wait();
    auto again = start(folder);
    again.await_ready();
    CHECK_EQ(lines_of(await_final(again.url(), wishes)), "");
    CHECK_EQ(again.stop(), std::optional<int>{0});
  }
}

SCENARIO("a node that is told to stop while it starts ends as well") {
  const temp_folder folder;
  auto node = start(folder);
  // Before the signals are blocked the process just dies of SIGTERM.
  REQUIRE(eventually([&] { return node.log().find("listens for nodes") != std::string::npos; }));
  CHECK_EQ(node.stop(), std::optional<int>{0});
}

SCENARIO("a node refuses unsafe or invalid options with code 2 and one line that names them") {
  check_refused({"--http=0.0.0.0:0", "--auth=demo"}, 2, "auth");
  check_refused({"--listen=0.0.0.0:0"}, 2, "listen");
  check_refused({"--role=order,payment"}, 2, "role");
  check_refused({"--no-such-option=1"}, 2, "no-such-option");
  check_refused({"--couriers=many"}, 2, "couriers");
  check_refused({"--store=mysql://localhost/x"}, 2, "store");
}

SCENARIO("insecure=on lets a node listen everywhere, with a warning") {
  const temp_folder folder;
  auto node = start(folder, {"--insecure=on"});
  node.await_ready();
  CHECK(node.log().find("\"warning\"") != std::string::npos);
  CHECK_EQ(node.stop(), std::optional<int>{0});
}

SCENARIO("a second node on the same port says so and ends with code 1, the first goes on") {
  const temp_folder folder;
  auto node = start(folder);
  node.await_ready();
  const auto http = node.url().substr(7);
  for (const auto& taken : {"--http=" + http, "--listen=" + node.listen_address()}) {
    const temp_folder other;
    auto options = words{"node", "--store=sqlite:" + (other / "second.db"), taken};
    options.push_back(taken.starts_with("--http") ? "--listen=127.0.0.1:0" : "--http=127.0.0.1:0");
    const auto second = run_waybill(options);
    CAF_MESSAGE(second.err);
    CHECK_EQ(second.code, std::optional<int>{1});
    CHECK(second.err.find("cannot start: ") != std::string::npos);
    CHECK(second.err.find(taken.substr(taken.find('=') + 1)) != std::string::npos);
  }
  CHECK_EQ(get(node.url(), "/readyz")->status, 200u);
  CHECK_EQ(node.stop(), std::optional<int>{0});
}
