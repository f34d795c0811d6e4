#include "tests/support/eventually.hpp"
#include "tests/support/role_cluster.hpp"

#include <thread>

#define CAF_SUITE cluster.absence
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t many = 60;
/// Longer than the deadlines below; the test needs this time to pass.
constexpr auto long_time = 9s;

std::vector<std::string> short_deadlines() {
  auto settings = with_options(quick_settings(), reliable_couriers());
  for (const auto* option :
       {"--order-reserve-deadline=3s", "--order-authorize-deadline=3s", "--order-dispatch-deadline=3s",
        "--order-settle-deadline=3s", "--order-deliver-deadline=8s", "--delivery-answer-within=2s",
        "--delivery-start-within=2500ms", "--delivery-finish-within=2500ms",
        // Orders stand in every status when they are interrupted.
        "--courier-shortest-delay=200ms", "--courier-longest-delay=1s"})
    settings = with_options(std::move(settings), {option});
  return settings;
}

/// Good cards, good couriers, enough on the shelf: every order completes unless time is counted wrongly.
std::vector<wish> good_wishes(const std::string& url) {
  const auto products = stock_products(url);
  auto all = mixed_wishes(many * 12, {products[0], products[1], products[0]});
  std::erase_if(all, [](const wish& item) {
    return item.cancel || item.body.find("tok_ok") == std::string::npos
           || item.body.find("[couriers: complete]") == std::string::npos;
  });
  all.resize(std::min(all.size(), many));
  return all;
}

/// The orders that did not complete.
std::vector<std::string> not_completed(const std::string& url, const std::vector<wish>& wishes) {
  auto wrong = await_final(url, wishes);
  for (const auto& wish : wishes)
    if (const auto order = get(url, "/v1/orders/" + wish.order.value_or(""));
        text_at(order->body, "/status") != "completed")
      wrong.push_back(order->body);
  return wrong;
}

/// `interrupt` is called in the middle of many orders, `mend` a long time after.
void interrupt_orders(const std::function<std::string()>& url, const std::function<void()>& interrupt,
                      const std::function<void()>& mend) {
  auto wishes = good_wishes(url());
  CAF_REQUIRE(wishes.size() >= 10);
  {
    rush orders{url(), wishes, 60s};
    CAF_REQUIRE(eventually([&] { return orders.accepted() >= wishes.size() / 2; }));
    interrupt();
    std::this_thread::sleep_for(long_time);
    mend();
    orders.wait();
  }
  // A restarted node may listen on another port.
  rush{url(), wishes, 60s}.wait();
  CAF_CHECK_EQUAL(count_accepted(wishes), wishes.size());
  CAF_CHECK_EQUAL(lines_of(not_completed(url(), wishes)), "");
}

} // namespace

SCENARIO("G10: a node with SQLite that was killed and comes back long after completes its orders") {
  temp_folder folder;
  auto settings = short_deadlines();
  settings.push_back("--store=sqlite:" + folder / "shop.db");
  std::optional<node_process> node;
  const auto start = [&] {
    node.reset();
    node.emplace(folder.path().string(), "alone", settings);
    node->await_ready();
  };
  start();
  interrupt_orders([&] { return node->url(); }, [&] { node->kill(); }, start);
  CAF_CHECK_EQUAL(node->stop(), std::optional<int>{0});
}

SCENARIO("G10: orders wait for roles whose only node is away, and complete when it is back") {
  for (const std::string role : {"delivery", "payment", "inventory", "order"}) {
    CAF_MESSAGE(role);
    role_cluster shop{short_deadlines()};
    interrupt_orders([&] { return shop.url(); }, [&] { shop.node(role).kill(); }, [&] { shop.restart(role); });
    shop.stop();
    CAF_CHECK_EQUAL(shop.check().text(), "");
  }
}

SCENARIO("G10: orders complete although PostgreSQL was unavailable for longer than their deadlines") {
  test_postgres server;
  temp_folder folder;
  auto settings = short_deadlines();
  settings.push_back("--store=" + server.create_database());
  node_process node{folder.path().string(), "single", settings};
  node.await_ready();
  CAF_REQUIRE(eventually([&] { return get(node.url(), "/v1/products/prd_00000000000000000000")->status == 404; }));
  interrupt_orders([&] { return node.url(); }, [&] { server.stop(); }, [&] { server.start(); });
  CAF_CHECK_EQUAL(node.stop(), std::optional<int>{0});
}

SCENARIO("G10: a process that was stopped for longer than its deadlines completes its orders") {
  temp_folder folder;
  auto settings = short_deadlines();
  settings.push_back("--store=sqlite:" + folder / "shop.db");
  node_process node{folder.path().string(), "alone", settings};
  node.await_ready();
  interrupt_orders([&] { return node.url(); }, [&] { node.process().signal(SIGSTOP); },
                   [&] { node.process().signal(SIGCONT); });
  CAF_CHECK_EQUAL(node.stop(), std::optional<int>{0});
}
