#include "tests/persistence/backends.hpp"

#define CAF_SUITE persistence.couriers
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

timestamp at(int seconds) {
  return timestamp{std::chrono::seconds{1'000'000 + seconds}};
}

append courier(const courier_row& row, std::uint64_t version = 0) {
  auto entry = make_append(row.id, version, 1, R"({"id":")" + row.id + R"("})");
  entry.kind = entity_kind::courier;
  entry.rows.emplace_back(row);
  return entry;
}

append delivery(const std::string& id, const std::string& of, const std::string& status, int created,
                std::uint64_t version = 0) {
  auto entry = make_append(id, version, 1, R"({"id":")" + id + R"(","status":")" + status + R"("})");
  entry.kind = entity_kind::delivery;
  entry.rows.emplace_back(delivery_row{id, of, status, at(created)});
  return entry;
}

std::string ids_of(const state_page& page) {
  std::string text;
  for (const auto& state : page.states)
    text += state.substr(7, state.find('"', 7) - 7) + ' ';
  return text;
}

std::string text_of(const free_couriers& answer) {
  std::string text;
  for (const auto& courier : answer.couriers)
    text += courier.courier + ':' + std::to_string(courier.places) + ' ';
  return text;
}

} // namespace

SCENARIO("couriers are listed by id and by whether they are online, without those who were removed") {
  on_every_backend([](backend& database, const std::string& name) {
    MESSAGE(name);
    auto journal = database.journal();
    auto query = database.query();
    write(*journal, courier({"cur_1", true, false, 2, 0, at(1)}));
    write(*journal, courier({"cur_2", false, false, 2, 0, at(1)}));
    write(*journal, courier({"cur_3", true, false, 2, 0, at(1)}));
    write(*journal, courier({"cur_4", true, false, 2, 0, at(1)}));
    write(*journal, courier({"cur_4", false, true, 2, 0, at(2)}, 1));
    CHECK_EQ(ids_of(query->run(list_couriers{}).value()), "cur_1 cur_2 cur_3 ");
    CHECK_EQ(ids_of(query->run(list_couriers{true, {}, 50}).value()), "cur_1 cur_3 ");
    CHECK_EQ(ids_of(query->run(list_couriers{false, {}, 50}).value()), "cur_2 ");
    const auto first = query->run(list_couriers{{}, {}, 2}).value();
    CHECK(first.more);
    CHECK_EQ(ids_of(first), "cur_1 cur_2 ");
    const auto rest = query->run(list_couriers{{}, "cur_2", 2}).value();
    CHECK(!rest.more);
    CHECK_EQ(ids_of(rest), "cur_3 ");
  });
}

SCENARIO("deliveries are listed by status and by courier, the newest first, page by page") {
  on_every_backend([](backend& database, const std::string& name) {
    MESSAGE(name);
    auto journal = database.journal();
    auto query = database.query();
    write(*journal, delivery("dlv_1", "", "requested", 1));
    write(*journal, delivery("dlv_2", "cur_1", "offered", 2));
    write(*journal, delivery("dlv_3", "cur_2", "offered", 3));
    write(*journal, delivery("dlv_4", "cur_1", "offered", 3));
    write(*journal, delivery("dlv_4", "cur_1", "assigned", 3, 1));
    CHECK_EQ(ids_of(query->run(list_deliveries{}).value()), "dlv_4 dlv_3 dlv_2 dlv_1 ");
    CHECK_EQ(ids_of(query->run(list_deliveries{"offered", {}, {}, {}, 50}).value()), "dlv_3 dlv_2 ");
    CHECK_EQ(ids_of(query->run(list_deliveries{{}, "cur_1", {}, {}, 50}).value()), "dlv_4 dlv_2 ");
    CHECK_EQ(ids_of(query->run(list_deliveries{"assigned", "cur_1", {}, {}, 50}).value()), "dlv_4 ");
    const auto first = query->run(list_deliveries{{}, {}, {}, {}, 2}).value();
    CHECK(first.more);
    CHECK_EQ(ids_of(first), "dlv_4 dlv_3 ");
    CHECK_EQ(ids_of(query->run(list_deliveries{{}, {}, at(3), "dlv_4", 2}).value()), "dlv_3 dlv_2 ");
    CHECK_EQ(ids_of(query->run(list_deliveries{{}, {}, at(3), "dlv_3", 2}).value()), "dlv_2 dlv_1 ");
  });
}

SCENARIO("free couriers are online with capacity neither taken nor offered, the least busy first") {
  on_every_backend([](backend& database, const std::string& name) {
    MESSAGE(name);
    auto journal = database.journal();
    auto query = database.query();
    write(*journal, courier({"cur_1", true, false, 2, 1, at(1)}));
    write(*journal, courier({"cur_2", false, false, 2, 0, at(1)}));
    write(*journal, courier({"cur_3", true, false, 1, 0, at(9)}));
    write(*journal, courier({"cur_4", true, false, 1, 1, at(1)}));
    write(*journal, courier({"cur_5", true, false, 3, 0, at(2)}));
    CHECK_EQ(text_of(query->run(find_free_couriers{}).value()), "cur_5:3 cur_3:1 cur_1:1 ");
    write(*journal, delivery("dlv_1", "cur_1", "offered", 1));
    write(*journal, delivery("dlv_2", "cur_5", "offered", 1));
    write(*journal, delivery("dlv_3", "cur_3", "assigned", 1));
    CHECK_EQ(text_of(query->run(find_free_couriers{}).value()), "cur_3:1 cur_5:2 ");
    CHECK_EQ(text_of(query->run(find_free_couriers{1}).value()), "cur_3:1 ");
    write(*journal, delivery("dlv_1", "", "requested", 1, 1));
    CHECK_EQ(text_of(query->run(find_free_couriers{}).value()), "cur_3:1 cur_1:1 cur_5:2 ");
  });
}

SCENARIO("a courier's events are those about them and those of their own orders, and no others") {
  on_every_backend([](backend& database, const std::string& name) {
    MESSAGE(name);
    auto journal = database.journal();
    auto query = database.query();
    const auto log = [&](const std::string& stream, const std::string& type, const std::string& data,
                         const std::string& customer) {
      auto entry = make_append(stream, 0);
      entry.customer = customer;
      entry.events.front().type = type;
      entry.events.front().data = data;
      write(*journal, entry);
    };
    log("dlv_1", "delivery.offered", R"({"attempt":1,"courier":"cur_1"})", "cus_9");
    log("dlv_2", "delivery.offered", R"({"attempt":1,"courier":"cur_2"})", "cus_9");
    log("dlv_3", "delivery.declined", R"({"courier":"cur_2","reason":"\"courier\":\"cur_1\""})", "cus_9");
    log("ord_1", "order.delivered", R"({"courier":"cur_1"})", "cus_9");
    log("ord_2", "order.placed", "{}", "cus_1");
    log("cur_1", "courier.assigned", "{}", "");
    log("cur_2", "courier.assigned", "{}", "");
    event_filter filter;
    filter.customer = "cus_1";
    filter.courier = "cur_1";
    const auto streams = [&] {
      std::string text;
      for (const auto& event : read_all(*query, filter))
        text += event.stream + ' ';
      return text;
    };
    CHECK_EQ(streams(), "dlv_1 ord_2 cur_1 ");
    filter.types = {"delivery.*"};
    CHECK_EQ(streams(), "dlv_1 ");
    filter.types = {};
    filter.order = "ord_2";
    CHECK_EQ(streams(), "ord_2 ");
    filter.order = {};
    filter.customer = {};
    CHECK_EQ(streams(), "dlv_1 cur_1 ");
  });
}
