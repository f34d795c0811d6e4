// Somebody forgets a transaction in another database of the server.

#include "tests/support/eventually.hpp"
#include "tests/support/http_shop.hpp"
#include "tests/support/node_group.hpp"
#include "tests/support/postgres.hpp"

#include <libpq-fe.h>

#include <memory>

#define CAF_SUITE cluster.foreign_transaction
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

class forgotten_transaction {
public:
  explicit forgotten_transaction(const std::string& url) : session_{PQconnectdb(url.c_str()), &PQfinish} {
    run("set application_name = 'forgotten'");
    run("begin");
    run("select txid_current()");
  }

  [[nodiscard]] std::string pid() const { return std::to_string(PQbackendPID(session_.get())); }

private:
  void run(const char* sql) { PQclear(PQexec(session_.get(), sql)); }

  std::unique_ptr<PGconn, decltype(&PQfinish)> session_;
};

} // namespace

SCENARIO("G6: a foreign transaction that stays open delays no subscriber, and the node names it") {
  node_group all;
  auto& node = all.start("n", "all");
  const auto url = node.url();
  const auto products = stock_products(url);
  std::optional<forgotten_transaction> foreign{std::in_place, test_postgres::shared().create_database()};
  auto wishes = mixed_wishes(10, products);
  rush{url, wishes, std::chrono::seconds{60}}.wait();
  CHECK_EQ(lines_of(await_final(url, wishes)), "");
  for (const auto& wish : wishes) {
    const auto events = get(url, "/v1/orders/" + *wish.order + "/events?limit=200");
    REQUIRE(events.has_value());
    CHECK(events->body.find("\"type\":\"order.placed\"") != std::string::npos);
    // The last one is there as well: the order is final.
    const auto order = get(url, "/v1/orders/" + *wish.order);
    CHECK(events->body.find("\"type\":\"order." + text_at(order->body, "/status") + '"') != std::string::npos);
  }
  std::string cursor;
  std::vector<std::string> ids;
  CHECK(eventually([&] {
    follow_log(url, cursor, ids);
    return std::ranges::all_of(
      wishes, [&](const wish& placed) { return std::ranges::find(ids, "evt_" + *placed.order + ".1") != ids.end(); });
  }));

  CHECK(eventually([&] { return node.log().find("the transaction of pid " + foreign->pid()) != std::string::npos; }));
  CHECK(node.log().find("application forgotten") != std::string::npos);
  const auto ready = get(url, "/readyz?verbose");
  CHECK_EQ(ready->status, 200u);
  CHECK(text_at(ready->body, "/log/oldest_transaction").find("pid " + foreign->pid()) != std::string::npos);
  CHECK_EQ(get(url, "/readyz")->body.find("\"log\""), std::string::npos);
  const auto metrics = get(url, "/metrics")->body;
  CHECK(metrics.find("waybill_log_unread_age_seconds") != std::string::npos);
  const auto at = metrics.find("\nwaybill_log_oldest_transaction_seconds ");
  REQUIRE(at != std::string::npos);
  CHECK(metrics.at(at + std::string_view{"\nwaybill_log_oldest_transaction_seconds "}.size()) != '0');

  foreign.reset();
  CHECK(eventually(
    [&] { return node.log().find("the old transaction of the database server has ended") != std::string::npos; }));
  CHECK_EQ(all.stop().at("n"), std::optional<int>{0});
  CHECK_EQ(all.check().text(), "");
}
