#include "domain/order/order.hpp"
#include "domain/text/folding.hpp"
#include "tests/domain/story.hpp"
#include "tests/persistence/backends.hpp"

#include <algorithm>

#define CAF_SUITE persistence.order_search
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;
using waybill::testing::euros;
using waybill::testing::order_story;

namespace {

timestamp at_second(int second) {
  return timestamp{std::chrono::seconds{1'700'000'000 + second}};
}

/// An order and how it is written: the state of the last command is stored only with `is_stored`.
struct written_order {
  explicit written_order(int number, const std::string& name = "Ada", const std::string& product = "prd_1") {
    // As ids are made: the time first.
    id = "ord_" + std::string(10, static_cast<char>('0' + number)) + std::string(10, '0');
    story.now = at_second(number);
    story.options.grace = std::chrono::minutes{1};
    auto placed = testing::a_place_command();
    placed.order = order_id{id};
    placed.customer = customer_id{number % 2 == 0 ? "cus_a" : "cus_b"};
    placed.delivery.name = name;
    placed.lines.resize(1);
    placed.lines.front().product = product_id{product};
    tell(placed, true);
  }

  written_order& tell(const order::command& command, bool is_stored) {
    const auto before = story.state.version;
    const auto first = story.log.size();
    story.tell(command);
    append request;
    request.stream = request.order = id;
    request.customer = story.state.customer.value;
    request.expected_version = before;
    request.at = story.now;
    for (auto i = first; i < story.log.size(); ++i) {
      const auto event = encode_event(story.log[i].second);
      request.events.push_back({std::string{event.type}, event.schema, event.data});
    }
    if (is_stored) {
      request.snapshot = entity_snapshot{1, encode(story.state), order::has_work(story.state), std::nullopt};
      request.rows.emplace_back(
        order_row{id, story.state.customer.value, std::string{name_of(story.state.status)}, story.state.created_at});
    }
    appends.push_back(std::move(request));
    return *this;
  }

  void write_to(journal_store& journal) const {
    for (const auto& request : appends)
      write(journal, request);
  }

  std::string id;
  order_story story;
  std::vector<append> appends;
};

order::waiting reason(std::string_view word) {
  return order::to_waiting(word).value();
}

/// The numbers of the orders on all pages, in their order.
std::string numbers_of(query_store& query, list_orders wanted) {
  std::string numbers;
  for (int pages = 0; pages < 50; ++pages) {
    const auto page = query.run(wanted).value();
    CHECK(page.states.size() <= wanted.limit);
    list_place last;
    for (const auto& text : page.states) {
      const auto order = decode<order::state>(text).value();
      numbers += order.id.value[4];
      last = {order.created_at, order.id.value};
    }
    if (!page.more)
      return numbers;
    if (page.next)
      last = *page.next;
    wanted.cursor_time = last.time;
    wanted.cursor_id = last.id;
  }
  CAF_FAIL("the list has no end");
  return numbers;
}

list_orders wanted_if(const std::function<void(list_orders&)>& change, std::uint32_t limit = 2) {
  list_orders wanted;
  wanted.limit = limit;
  wanted.oldest_first = true;
  change(wanted);
  return wanted;
}

/// 0, 5: wait for stock; 1, 6: for payment, which only their streams say; 2: held; 3: for its dispatch; 4: completed.
void write_shop(journal_store& journal) {
  const order::record_payment_authorized authorized{euros(1000)};
  for (const int number : {0, 5})
    written_order{number, "Ada Lovelace", "prd_2"}.write_to(journal);
  for (const int number : {1, 6})
    written_order{number, "Grace Hopper"}.tell(order::record_stock_reserved{}, false).write_to(journal);
  written_order{2, "Ada"}
    .tell(order::record_stock_reserved{}, false)
    .tell(authorized, true)
    .tell(order::hold{{"operator", "usr_1"}, "look"}, true)
    .write_to(journal);
  written_order{3, "Édith"}.tell(order::record_stock_reserved{}, false).tell(authorized, true).write_to(journal);
  written_order{4, "Ada"}
    .tell(order::record_stock_reserved{}, false)
    .tell(authorized, true)
    .tell(order::record_fulfillment_started{delivery_id{"dlv_1"}}, true)
    .tell(order::record_delivered{courier_id{"cur_1"}}, false)
    .tell(order::record_settled{euros(1000)}, true)
    .write_to(journal);
}

} // namespace

SCENARIO("orders are listed by what they wait for, also when only their events show it") {
  on_every_backend([](backend& database, const std::string& name) {
    MESSAGE(name);
    write_shop(*database.journal());
    const auto query = database.query();
    const auto waiting_for = [&](std::string_view word, const std::string& status) {
      return numbers_of(*query, wanted_if([&](list_orders& wanted) {
        wanted.search.reason = reason(word);
        wanted.statuses = {status};
      }));
    };
    CHECK_EQ(waiting_for("stock", "placed"), "05");
    CHECK_EQ(waiting_for("payment", "placed"), "16");
    CHECK_EQ(waiting_for("release", "confirmed"), "2");
    CHECK_EQ(waiting_for("dispatch", "confirmed"), "3");
    CHECK_EQ(waiting_for("courier", "fulfilling"), "");
  });
}

SCENARIO("an order is found with its present state, not with the older stored one") {
  on_every_backend([](backend& database, const std::string& name) {
    MESSAGE(name);
    write_shop(*database.journal());
    const auto page = database.query()
                        ->run(wanted_if([](list_orders& wanted) {
                          wanted.search.reason = reason("payment");
                          wanted.statuses = {"placed"};
                        }))
                        .value();
    REQUIRE_EQ(page.states.size(), 2u);
    const auto order = decode<order::state>(page.states.front()).value();
    CHECK(order.stock_reserved);
    CHECK_EQ(order.version, 2u);
  });
}

SCENARIO("orders are listed by several statuses at once, in the order of all") {
  on_every_backend([](backend& database, const std::string& name) {
    MESSAGE(name);
    write_shop(*database.journal());
    const auto query = database.query();
    auto wanted = wanted_if([](list_orders& list) { list.statuses = {"confirmed", "placed", "rejected"}; });
    CHECK_EQ(numbers_of(*query, wanted), "012356");
    wanted.customer = "cus_a";
    CHECK_EQ(numbers_of(*query, wanted), "026");
    wanted.created_after = at_second(0);
    CHECK_EQ(numbers_of(*query, wanted), "26");
    wanted.customer.clear();
    CHECK_EQ(numbers_of(*query, wanted), "12356");
    wanted.created_before = at_second(5);
    wanted.oldest_first = false;
    CHECK_EQ(numbers_of(*query, wanted), "321");
  });
}

SCENARIO("placed and confirmed orders are listed apart, although their rows have the same status") {
  on_every_backend([](backend& database, const std::string& name) {
    MESSAGE(name);
    auto journal = database.journal();
    const auto write_as = [&](int number, const char* listed, std::size_t commands) {
      written_order order{number};
      const order::command steps[]{order::record_stock_reserved{}, order::record_payment_authorized{euros(1000)},
                                   order::record_fulfillment_started{delivery_id{"dlv_1"}}};
      for (std::size_t i = 0; i < commands; ++i)
        order.tell(steps[i], false);
      std::get<order_row>(order.appends.front().rows.front()).status = listed;
      order.write_to(*journal);
    };
    // 0 to 3 as this program writes them, 4 and 5 as earlier ones did.
    write_as(0, "placed", 0);
    write_as(1, "placed", 2);
    write_as(2, "fulfilling", 3);
    write_as(3, "placed", 2);
    write_as(4, "confirmed", 2);
    write_as(5, "fulfilling", 3);
    const auto query = database.query();
    const auto of = [&](std::vector<std::string> statuses) {
      return numbers_of(*query, wanted_if([&](list_orders& list) { list.statuses = std::move(statuses); }));
    };
    CHECK_EQ(of({"placed"}), "0");
    CHECK_EQ(of({"confirmed"}), "134");
    CHECK_EQ(of({"fulfilling"}), "25");
    CHECK_EQ(of({"confirmed", "fulfilling"}), "12345");
    CHECK_EQ(of({"placed", "confirmed", "fulfilling"}), "012345");
    CHECK_EQ(of({"completed"}), "");
    // Whatever is asked for, an order is shown as it is.
    for (const auto& text : query->run(list_orders{}).value().states)
      CHECK(decode<order::state>(text).value().version > 0);
    const auto all = query->run(wanted_if([](list_orders&) {}, 10)).value().states;
    REQUIRE_EQ(all.size(), 6u);
    CHECK(decode<order::state>(all[2]).value().status == order::status::fulfilling);
  });
}

SCENARIO("the orders of a status are counted, and no more than asked for") {
  on_every_backend([](backend& database, const std::string& name) {
    MESSAGE(name);
    write_shop(*database.journal());
    const auto query = database.query();
    const auto of = [&](std::vector<std::string> statuses, std::uint32_t most) {
      return query->run(count_orders{std::move(statuses), most}).value().counts;
    };
    std::vector<std::uint64_t> wanted;
    for (const std::string status : {"placed", "completed", "cancelling"}) {
      const auto page = query->run(wanted_if(
                                     [&](list_orders& list) {
                                       list.statuses = {status, "confirmed"};
                                     },
                                     100))
                          .value();
      wanted.push_back(of({status}, 100).at(0));
      CHECK_EQ(page.states.size(), of({status}, 100).at(0) + of({"confirmed"}, 100).at(0));
    }
    CHECK_EQ(of({"placed", "completed", "cancelling"}, 100), wanted);
    CHECK(wanted[0] + wanted[1] > 1);
    CHECK_EQ(of({"completed", "none"}, 1), (std::vector<std::uint64_t>{1, 0}));
  });
}

SCENARIO("orders are found by product and by words, with every other filter, equally on both databases") {
  on_every_backend([](backend& database, const std::string& name) {
    MESSAGE(name);
    write_shop(*database.journal());
    const auto query = database.query();
    const auto words = [&](const char* text, const std::vector<std::string>& statuses = {}) {
      return numbers_of(*query, wanted_if([&](list_orders& wanted) {
        wanted.search.words = folded_words(text);
        wanted.statuses = statuses;
      }));
    };
    CHECK_EQ(words("ADA"), "0245");
    CHECK_EQ(words("lovelace ada"), "05");
    CHECK_EQ(words("e\u0301dith"), "3");
    CHECK_EQ(words("ada", {"confirmed", "completed"}), "24");
    CHECK_EQ(words("nobody"), "");
    CHECK_EQ(numbers_of(*query, wanted_if([](list_orders& wanted) { wanted.search.product = "prd_2"; })), "05");
  });
}

SCENARIO("orders are found by the beginning of their id, and by ids that are given") {
  on_every_backend([](backend& database, const std::string& name) {
    MESSAGE(name);
    write_shop(*database.journal());
    const auto query = database.query();
    CHECK_EQ(numbers_of(*query, wanted_if([](list_orders& wanted) { wanted.id_prefix = "ord_222222222"; })), "2");
    CHECK_EQ(numbers_of(*query, wanted_if([](list_orders& wanted) {
               wanted.id_prefix = "ord_222222222";
               wanted.statuses = {"completed", "placed"};
             })),
             "");
    const auto id = [](char digit) { return "ord_" + std::string(10, digit) + std::string(10, '0'); };
    CHECK_EQ(numbers_of(*query, wanted_if(
                                  [&](list_orders& wanted) {
                                    wanted.ids = {{id('4'), id('1'), id('9')}};
                                  },
                                  9)),
             "14");
    CHECK_EQ(numbers_of(*query, wanted_if([](list_orders& wanted) { wanted.ids.emplace(); })), "");
  });
}

SCENARIO("the events of a stream can be read from a version on, as soon as they are durable") {
  on_every_backend([](backend& database, const std::string& name) {
    MESSAGE(name);
    write_shop(*database.journal());
    const auto query = database.query();
    const auto stream = "ord_" + std::string(10, '4') + std::string(10, '0');
    const auto all = query->run(read_stream_events{stream, 0, 100}).value().events;
    REQUIRE(all.size() > 5);
    for (std::size_t i = 0; i < all.size(); ++i)
      CHECK_EQ(all[i].version, i + 1);
    CHECK_EQ(all.front().type, "order.placed");
    const auto some = query->run(read_stream_events{stream, 2, 3}).value().events;
    REQUIRE_EQ(some.size(), 3u);
    CHECK_EQ(some.front().version, 3u);
    CHECK(query->run(read_stream_events{"ord_none", 0, 100}).value().events.empty());
  });
}
