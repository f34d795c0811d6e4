#include "messages/cluster/placement.hpp"
#include "tests/persistence/backends.hpp"

#include <algorithm>
#include <set>

#define CAF_SUITE persistence.reading
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

timestamp at_second(int second) {
  return timestamp{std::chrono::seconds{1'700'000'000 + second}};
}

append order_of(const std::string& id, const std::string& customer, const std::string& status, timestamp created) {
  auto entry = make_append(id, 0, 1, id);
  entry.order = id;
  entry.customer = customer;
  entry.rows.push_back(order_row{id, customer, status, created});
  return entry;
}

/// All pages, by following the last item of each.
std::vector<std::string> all_orders(query_store& query, list_orders wanted, const std::vector<append>& orders) {
  std::vector<std::string> states;
  for (;;) {
    const auto page = query.run(wanted).value();
    states.insert(states.end(), page.states.begin(), page.states.end());
    if (!page.more)
      return states;
    wanted.cursor_id = page.states.back();
    for (const auto& order : orders)
      if (order.stream == wanted.cursor_id)
        wanted.cursor_time = std::get<order_row>(order.rows[0]).created_at;
  }
}

append rows_of(const std::string& stream, std::vector<row_change> rows) {
  auto entry = make_append(stream, 0, 0, "");
  entry.rows = std::move(rows);
  return entry;
}

notification_row notification(const std::string& customer, const std::string& id) {
  return {id, customer, "ord_1", "order.confirmed", "text of " + id, at_second(1)};
}

} // namespace

SCENARIO("pages of orders show each order once, in order, whatever the filter") {
  on_every_backend([](backend& database, const std::string& name) {
    MESSAGE(name);
    auto journal = database.journal();
    auto query = database.query();
    std::vector<append> orders;
    for (int i = 0; i < 23; ++i) // several of the same second
      orders.push_back(order_of("ord_" + std::to_string(10 + i), i % 2 == 0 ? "cus_a" : "cus_b",
                                i % 3 == 0 ? "rejected" : "completed", at_second(i / 4)));
    REQUIRE(journal->commit(orders).has_value());
    list_orders wanted;
    wanted.limit = 4;
    const auto newest_first = all_orders(*query, wanted, orders);
    CHECK_EQ(newest_first.size(), 23u);
    CHECK(std::is_sorted(newest_first.rbegin(), newest_first.rend()));
    wanted.oldest_first = true;
    auto reversed = all_orders(*query, wanted, orders);
    std::reverse(reversed.begin(), reversed.end());
    CHECK_EQ(reversed, newest_first);
    wanted.customer = "cus_a";
    CHECK_EQ(all_orders(*query, wanted, orders).size(), 12u);
    wanted.statuses = {"rejected"};
    CHECK_EQ(all_orders(*query, wanted, orders).size(), 4u);
    wanted.customer.clear();
    CHECK_EQ(all_orders(*query, wanted, orders).size(), 8u);
    wanted.statuses.clear();
    wanted.created_after = at_second(1);
    wanted.created_before = at_second(4);
    CHECK_EQ(all_orders(*query, wanted, orders).size(), 8u);
    wanted = {};
    wanted.limit = 23;
    CHECK(!query->run(wanted).value().more);
  });
}

SCENARIO("an order whose status changes moves to the list of its new status") {
  on_every_backend([](backend& database, const std::string& name) {
    MESSAGE(name);
    auto journal = database.journal();
    auto query = database.query();
    write(*journal, order_of("ord_a", "cus_a", "cancelling", at_second(1)));
    auto next = make_append("ord_a", 1, 1, "newer");
    next.rows.push_back(order_row{"ord_a", "cus_a", "cancelled", at_second(1)});
    write(*journal, next);
    list_orders wanted;
    wanted.statuses = {"cancelling"};
    CHECK(query->run(wanted).value().states.empty());
    wanted.statuses = {"cancelled"};
    CHECK_EQ(query->run(wanted).value().states, std::vector<std::string>{"newer"});
  });
}

SCENARIO("products are found by a part of their SKU or name, without those that are withdrawn") {
  on_every_backend([](backend& database, const std::string& name) {
    MESSAGE(name);
    auto journal = database.journal();
    auto query = database.query();
    std::vector<append> batch;
    for (int i = 0; i < 5; ++i) {
      const auto id = "prd_" + std::to_string(i);
      batch.push_back(make_append(id, 0, 1, id));
      batch.back().kind = entity_kind::product;
      batch.back().rows.push_back(
        product_row{id, "SKU-" + std::to_string(i), i % 2 == 0 ? "Green Tea 100%" : "Coffee", i == 4});
    }
    REQUIRE(journal->commit(batch).has_value());
    CHECK_EQ(query->run(list_products{"", "", 50}).value().states.size(), 4u);
    CHECK_EQ(query->run(list_products{"tEA", "", 50}).value().states, (std::vector<std::string>{"prd_0", "prd_2"}));
    CHECK_EQ(query->run(list_products{"sku-3", "", 50}).value().states, std::vector<std::string>{"prd_3"});
    CHECK_EQ(query->run(list_products{"0%", "", 50}).value().states.size(), 2u);
    CHECK_EQ(query->run(list_products{"_", "", 50}).value().states.size(), 0u);
    CHECK_EQ(query->run(list_products{" tea\u3000SKU  green ", "", 50}).value().states.size(), 2u);
    CHECK_EQ(query->run(list_products{"tea coffee", "", 50}).value().states.size(), 0u);
    const auto page = query->run(list_products{"", "prd_0", 2}).value();
    CHECK_EQ(page.states, (std::vector<std::string>{"prd_1", "prd_2"}));
    CHECK(page.more);
  });
}

SCENARIO("D2: a search folds the case of all letters, equally on both databases") {
  on_every_backend([](backend& database, const std::string& name) {
    MESSAGE(name);
    auto journal = database.journal();
    auto query = database.query();
    auto product = make_append("prd_a", 0, 1, "a");
    product.kind = entity_kind::product;
    product.rows.push_back(product_row{"prd_a", "\u0416\u0423\u041a-1", "\u00c9clair stra\u00dfe", false});
    write(*journal, product);
    for (const auto* wanted : {"\u0436\u0443\u043a", "\u00e9CLAIR", "e\u0301clair", "STRASSE", "strasse \u00c9", "-1"})
      CHECK_EQ(query->run(list_products{wanted, "", 50}).value().states.size(), 1u);
    for (const auto* wanted : {"eclair", "strase", "1\u00e9"})
      CHECK_EQ(query->run(list_products{wanted, "", 50}).value().states.size(), 0u);
  });
}

SCENARIO("D2: SKUs that are equal in a search are the same SKU") {
  on_every_backend([](backend& database, const std::string& name) {
    MESSAGE(name);
    auto journal = database.journal();
    const auto product = [](const std::string& id, const std::string& sku) {
      auto made = make_append(id, 0, 1, id);
      made.kind = entity_kind::product;
      made.rows.push_back(product_row{id, sku, "name", false});
      return made;
    };
    const std::vector<append> batch{product("prd_a", "Tea-\u00e9"), product("prd_b", "TEA-e\u0301")};
    const auto both = journal->commit(batch).value();
    CHECK(both[0].has_value());
    REQUIRE(both[1].has_error());
    CHECK_EQ(both[1].error().code, ec::duplicate);
    const std::vector<append> later{product("prd_c", "tea-\u00c9")};
    const auto refused = journal->commit(later).value();
    REQUIRE(refused[0].has_error());
    CHECK_EQ(refused[0].error().code, ec::duplicate);
    // The same product may change how it is written.
    auto again = make_append("prd_a", 1, 1, "again");
    again.kind = entity_kind::product;
    again.rows.push_back(product_row{"prd_a", "TEA-\u00e9", "name", false});
    write(*journal, again);
  });
}

SCENARIO("notifications are listed newest first and can be read, one or all") {
  on_every_backend([](backend& database, const std::string& name) {
    MESSAGE(name);
    auto journal = database.journal();
    auto query = database.query();
    write(*journal, rows_of("n", {notification("cus_a", "ntf_1"), notification("cus_a", "ntf_2"),
                                  notification("cus_a", "ntf_3"), notification("cus_b", "ntf_4")}));
    list_notifications wanted;
    wanted.customer = "cus_a";
    wanted.limit = 2;
    auto page = query->run(wanted).value();
    REQUIRE_EQ(page.notifications.size(), 2u);
    CHECK(page.more);
    CHECK_EQ(page.notifications[0].row.id, "ntf_3");
    CHECK_EQ(page.notifications[0].row.text, "text of ntf_3");
    CHECK(!page.notifications[0].read_at);
    wanted.cursor_id = page.notifications[1].row.id;
    page = query->run(wanted).value();
    CHECK_EQ(page.notifications.size(), 1u);
    CHECK(!page.more);
    write(*journal, rows_of("n", {notification_read{"cus_a", "ntf_2", at_second(7)}}));
    wanted = {"cus_a", true, "", 50};
    CHECK_EQ(query->run(wanted).value().notifications.size(), 2u);
    // Read before it is written again, and all that were there before a new one comes: in one batch.
    write(*journal, rows_of("n", {notification("cus_a", "ntf_2"), notification_read{"cus_a", "", at_second(8)},
                                  notification("cus_a", "ntf_5")}));
    page = query->run(wanted).value();
    REQUIRE_EQ(page.notifications.size(), 1u);
    CHECK_EQ(page.notifications[0].row.id, "ntf_5");
    wanted.unread_only = false;
    page = query->run(wanted).value();
    REQUIRE_EQ(page.notifications.size(), 4u);
    CHECK(*page.notifications[2].read_at == at_second(7));
    CHECK(*page.notifications[3].read_at == at_second(8));
    CHECK(!query->run(list_notifications{"cus_b", true, "", 50}).value().notifications.empty());
    // By their ids, but for what is somebody else's.
    page = query->run(list_notifications{"cus_a", false, "", 50, {"ntf_1", "ntf_3", "ntf_4", "ntf_9"}}).value();
    REQUIRE_EQ(page.notifications.size(), 2u);
    CHECK_EQ(page.notifications[0].row.id, "ntf_3");
    CHECK_EQ(page.notifications[1].row.id, "ntf_1");
  });
}

SCENARIO("a product is loaded with the reservations that are live or can still be asked for") {
  on_every_backend([](backend& database, const std::string& name) {
    MESSAGE(name);
    using product::reservation_status;
    auto journal = database.journal();
    auto query = database.query();
    const auto row = [](const std::string& order, reservation_status status, timestamp reserve_by) {
      return reservation_row{"prd_a", order, {status, 3, 1, at_second(9), reserve_by}};
    };
    const auto later = now() + std::chrono::hours{1};
    write(*journal, rows_of("prd_a", {row("ord_live", reservation_status::live, at_second(1)),
                                      row("ord_old", reservation_status::committed, at_second(1)),
                                      row("ord_late", reservation_status::rejected, later),
                                      row("ord_gone", reservation_status::live, later)}));
    write(*journal,
          rows_of("prd_a", {reservation_forgotten{"prd_a", "ord_gone"}, reservation_forgotten{"prd_a", "ord_live"},
                            row("ord_live", reservation_status::live, at_second(2))}));
    const auto reservations = query->run(load_entity{entity_kind::product, "prd_a"}).value().reservations;
    REQUIRE_EQ(reservations.size(), 2u);
    CHECK_EQ(reservations[0].order, "ord_late");
    CHECK(reservations[0].reservation.reserve_by == later);
    CHECK_EQ(reservations[1].order, "ord_live");
    CHECK(reservations[1].reservation.status == reservation_status::live);
    CHECK_EQ(reservations[1].reservation.quantity, 3);
    CHECK_EQ(reservations[1].reservation.available, 1);
    CHECK(reservations[1].reservation.expires_at == at_second(9));
    CHECK(reservations[1].reservation.reserve_by == at_second(2));
  });
}

SCENARIO("the log is filtered by type, stream, order and customer, and continues after events that do not match") {
  on_every_backend([](backend& database, const std::string& name) {
    MESSAGE(name);
    auto journal = database.journal();
    auto query = database.query();
    for (int i = 0; i < 12; ++i) {
      auto entry = make_append("str_" + std::to_string(i % 3), static_cast<std::uint64_t>(i / 3));
      entry.order = "ord_" + std::to_string(i % 2);
      entry.customer = "cus_" + std::to_string(i % 4);
      entry.events[0].type = i % 6 == 0 ? "stock.reserved" : "order.placed";
      write(*journal, entry);
    }
    CHECK_EQ(read_all(*query, {}, 5).size(), 12u);
    CHECK_EQ(read_all(*query, {{"*"}, {}, {}, {}}, 5).size(), 12u);
    CHECK_EQ(read_all(*query, {{"order.*"}, {}, {}, {}}, 3).size(), 10u);
    CHECK_EQ(read_all(*query, {{"order.*", "stock.reserved"}, {}, {}, {}}).size(), 12u);
    CHECK_EQ(read_all(*query, {{"order"}, {}, {}, {}}).size(), 0u);
    CHECK_EQ(read_all(*query, {{}, "str_1", {}, {}}, 1).size(), 4u);
    CHECK_EQ(read_all(*query, {{}, {}, "ord_1", {}}, 2).size(), 0u);
    CHECK_EQ(read_all(*query, {{}, {}, {}, "cus_3"}, 2).size(), 3u);
    CHECK_EQ(read_all(*query, {{"stock.*"}, "str_0", {}, "cus_0"}).size(), 1u);
    const auto end = query->run(get_log_end{}).value();
    const auto nothing = query->run(read_log{{}, {{"nothing"}, {}, {}, {}}, 5}).value();
    CHECK(nothing.events.empty());
    CHECK(nothing.next == end);
    const auto behind = query->run(read_log{end, {}, 5}).value();
    CHECK(behind.events.empty());
    CHECK(behind.next == end);
  });
}

SCENARIO("an order's events are those of its own stream, of its delivery's, and of each of its payments'") {
  on_every_backend([](backend& database, const std::string& name) {
    MESSAGE(name);
    auto journal = database.journal();
    auto query = database.query();
    // Between what belongs to the order lies what only sounds like it.
    for (const auto* stream : {"ord_x", "ord_xy", "pay_x", "dlv_x", "pay_x.1", "pay_xy.1", "pay_w.1", "prd_x", "pay_x-",
                               "pay_x/", "pay_x.2", "pay_x.10", "dlv_xy"}) {
      auto entry = make_append(stream, 0);
      entry.customer = "cus_1";
      write(*journal, entry);
    }
    for (const std::uint32_t page : {1U, 2U, 100U})
      for (const auto& customer : {"", "cus_1"}) {
        std::string streams;
        for (const auto& event : read_all(*query, {{}, {}, "ord_x", customer}, page))
          streams += event.stream + ' ';
        CHECK_EQ(streams, "ord_x pay_x dlv_x pay_x.1 pay_x.2 pay_x.10 ");
      }
    CHECK_EQ(read_all(*query, {{}, {}, "ord_x", "cus_2"}).size(), 0u);
    CHECK_EQ(read_all(*query, {{}, {}, "ord_y", {}}).size(), 0u);
    CHECK_EQ(read_all(*query, {{}, {}, "pay_x", {}}).size(), 1u);
    CHECK_EQ(read_all(*query, {{"order.placed"}, {}, "ord_x", {}}).size(), 6u);
  });
}
