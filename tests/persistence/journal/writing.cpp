#include "domain/base/errors.hpp"
#include "tests/persistence/backends.hpp"

#define CAF_SUITE persistence.writing
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

const std::vector<std::string> hostile{R"({"text":"a \"quoted\" word"})",
                                       R"(back\slash\\)",
                                       "a,b,{c},{}",
                                       "{\"x\":[1,2]}",
                                       "NULL",
                                       "null",
                                       "",
                                       "'; drop table events; --",
                                       "Grüße 你好 🚚",
                                       "line\nbreak\ttab",
                                       ":name $1 ?",
                                       " leading and trailing ",
                                       "%s {rows} {unnest}"};

} // namespace

SCENARIO("every text is read back as it was written") {
  on_every_backend([](backend& database, const std::string& name) {
    MESSAGE(name);
    auto journal = database.journal("node \"1\"");
    auto query = database.query();
    std::vector<append> batch;
    for (std::size_t i = 0; i < hostile.size(); ++i) {
      auto entry = make_append("ord_" + std::to_string(i) + hostile[i], 0, 1, hostile[i]);
      entry.snapshot = entity_snapshot{1, hostile[i], false, std::nullopt};
      entry.events[0] = {hostile[i] + ".type", 7, hostile[i]};
      entry.order = entry.customer = hostile[i];
      entry.origin = {hostile[i], hostile[i], hostile[i], hostile[i], hostile[i]};
      batch.push_back(entry);
    }
    for (const auto& outcome : journal->commit(batch).value())
      CHECK(outcome.has_value());
    for (const auto& entry : batch) {
      const auto entity = query->run(load_entity{entity_kind::order, entry.stream}).value();
      CHECK_EQ(entity.version, 1u);
      CHECK_EQ(entity.state, entry.snapshot->state);
      const auto events = query->run(read_log{{}, {{}, entry.stream, {}, {}}, 10}).value().events;
      REQUIRE_EQ(events.size(), 1u);
      CHECK_EQ(events[0].stream, entry.stream);
      CHECK_EQ(events[0].type, entry.events[0].type);
      CHECK_EQ(events[0].schema, 7u);
      CHECK_EQ(events[0].data, entry.events[0].data);
      CHECK_EQ(events[0].order, entry.order);
      CHECK_EQ(events[0].customer, entry.customer);
      CHECK_EQ(events[0].origin.causation_id, entry.origin.causation_id);
      CHECK_EQ(events[0].origin.by_id, entry.origin.by_id);
      CHECK_EQ(events[0].node, "node \"1\"");
      CHECK(events[0].at == entry.at);
    }
  });
}

SCENARIO("a text that no database can keep fails its own append only") {
  on_every_backend([](backend& database, const std::string& name) {
    if (name == "memory")
      return;
    MESSAGE(name);
    auto journal = database.journal();
    auto nul = make_append("ord_a", 0);
    nul.events[0].data = std::string("{\"\0\"}", 5);
    auto broken = make_append("ord_b", 0);
    broken.origin.by_id = "\xc3(";
    const auto outcomes = journal->commit(std::vector{nul, make_append("ord_c", 0), broken}).value();
    CHECK_EQ(outcomes[0].error().code, ec::invalid_argument);
    CHECK_EQ(outcomes[1].value().version, 1u);
    CHECK_EQ(outcomes[2].error().code, ec::invalid_argument);
  });
}

SCENARIO("G2: a conflict within a batch fails its own append only") {
  on_every_backend([](backend& database, const std::string& name) {
    MESSAGE(name);
    auto journal = database.journal();
    write(*journal, make_append("ord_b", 0, 2));
    auto stale = make_append("ord_b", 0, 1, "stale");
    stale.events[0].data = "stale";
    stale.rows.push_back(order_row{"ord_b", "cus_1", "stale", now()});
    const auto outcomes =
      journal->commit(std::vector{make_append("ord_a", 0), stale, make_append("ord_c", 0, 3)}).value();
    CHECK_EQ(outcomes[0].value().version, 1u);
    CHECK_EQ(outcomes[1].error().code, ec::conflict);
    CHECK_EQ(outcomes[2].value().version, 3u);
    auto query = database.query();
    CHECK_EQ(read_all(*query).size(), 6u);
    CHECK_EQ(query->run(load_entity{entity_kind::order, "ord_b"}).value().state, R"({"state":1})");
    CHECK(query->run(list_orders{}).value().states.empty());
  });
}

SCENARIO("an append on a future version is refused") {
  on_every_backend([](backend& database, const std::string& name) {
    MESSAGE(name);
    auto journal = database.journal();
    write(*journal, make_append("ord_a", 0));
    CHECK_EQ(outcome_of(*journal, make_append("ord_a", 3)), ec::conflict);
    CHECK_EQ(outcome_of(*journal, make_append("ord_a", 3, 1, "")), ec::conflict);
    CHECK_EQ(outcome_of(*journal, make_append("ord_a", 3, 0)), ec::conflict);
    CHECK_EQ(outcome_of(*journal, make_append("ord_new", 1)), ec::conflict);
    CHECK_EQ(outcome_of(*journal, make_append("ord_new", 1, 1, "")), ec::conflict);
    CHECK_EQ(outcome_of(*journal, make_append("ord_new", 1, 0)), ec::conflict);
    CHECK_EQ(write(*journal, make_append("ord_a", 1)), 2u);
  });
}

SCENARIO("appends without events or without a state are conditional too") {
  on_every_backend([](backend& database, const std::string& name) {
    MESSAGE(name);
    auto journal = database.journal();
    auto query = database.query();
    write(*journal, make_append("ord_a", 0, 2, "two"));
    CHECK_EQ(write(*journal, make_append("ord_a", 2, 0, "two again")), 2u);
    CHECK_EQ(outcome_of(*journal, make_append("ord_a", 1, 0, "old")), ec::conflict);
    CHECK_EQ(write(*journal, make_append("ord_a", 2, 2, "")), 4u);
    CHECK_EQ(outcome_of(*journal, make_append("ord_a", 2, 0, "old")), ec::conflict);
    CHECK_EQ(outcome_of(*journal, make_append("ord_a", 2, 1, "old")), ec::conflict);
    auto entity = query->run(load_entity{entity_kind::order, "ord_a"}).value();
    CHECK_EQ(entity.state, "two again");
    REQUIRE_EQ(entity.later.size(), 2u);
    CHECK_EQ(entity.later[0].version, 3u);
    CHECK_EQ(entity.later[1].version, 4u);
    CHECK_EQ(write(*journal, make_append("ord_a", 4, 1, "five")), 5u);
    entity = query->run(load_entity{entity_kind::order, "ord_a"}).value();
    CHECK_EQ(entity.version, 5u);
    CHECK_EQ(entity.state, "five");
    CHECK(entity.later.empty());
    // A state without any event, as of an actor that only keeps a cursor.
    CHECK_EQ(write(*journal, make_append("notifier", 0, 0, "cursor 1")), 0u);
    CHECK_EQ(write(*journal, make_append("notifier", 0, 0, "cursor 2")), 0u);
    CHECK_EQ(query->run(load_entity{entity_kind::notifier, "notifier"}).value().state, "cursor 2");
    CHECK_EQ(query->run(load_entity{entity_kind::order, "ord_none"}).value().version, 0u);
  });
}

SCENARIO("several appends to one stream in a batch are applied in order") {
  on_every_backend([](backend& database, const std::string& name) {
    MESSAGE(name);
    auto journal = database.journal();
    auto late = make_append("ord_a", 2, 1, "e");
    late.events[0].data = "{}"; // a copy of the one before would be taken for its repetition
    const auto outcomes = journal
                            ->commit(std::vector{make_append("ord_a", 0, 2, "a"), make_append("ord_b", 0, 1, "b"),
                                                 make_append("ord_a", 2, 1, "c"), make_append("ord_a", 3, 0, "d"), late,
                                                 make_append("ord_a", 3, 2, "f")})
                            .value();
    CHECK_EQ(outcomes[0].value().version, 2u);
    CHECK_EQ(outcomes[2].value().version, 3u);
    CHECK_EQ(outcomes[3].value().version, 3u);
    CHECK_EQ(outcomes[4].error().code, ec::conflict);
    // Its sender may have built it on the refused one.
    CHECK_EQ(outcomes[5].error().code, ec::conflict);
    auto query = database.query();
    CHECK_EQ(query->run(load_entity{entity_kind::order, "ord_a"}).value().state, "d");
    std::uint64_t version = 0;
    for (const auto& event : read_all(*query, {{}, "ord_a", {}, {}}))
      CHECK_EQ(event.version, ++version);
    CHECK_EQ(version, 3u);
  });
}

SCENARIO("G11: an append that builds on a log of another generation is refused, also the first of its stream") {
  on_every_backend([](backend& database, const std::string& name) {
    MESSAGE(name);
    auto journal = database.journal();
    auto request = make_append("ord_a", 0);
    for (const std::uint64_t other : {1, 1'764'540'000}) {
      request.generation = other;
      CHECK_EQ(outcome_of(*journal, request), ec::conflict);
    }
    CHECK(read_all(*database.query()).empty());
    request.generation = 0;
    CHECK_EQ(outcome_of(*journal, request), ec::none);
    CHECK_EQ(outcome_of(*journal, make_append("ord_b", 0)), ec::none);
  });
}

SCENARIO("a SKU belongs to one product") {
  on_every_backend([](backend& database, const std::string& name) {
    MESSAGE(name);
    auto journal = database.journal();
    const auto product = [](const std::string& id, const std::string& sku, std::uint64_t expected) {
      auto entry = make_append(id, expected);
      entry.kind = entity_kind::product;
      entry.rows.push_back(product_row{id, sku, "a thing", false});
      return entry;
    };
    CHECK_EQ(outcome_of(*journal, product("prd_a", "sku 1", 0)), ec::none);
    const auto outcomes =
      journal
        ->commit(std::vector{product("prd_b", "sku 1", 0), product("prd_c", "sku 2", 0), product("prd_d", "sku 2", 0)})
        .value();
    CHECK_EQ(outcomes[0].error().code, ec::duplicate);
    CHECK_EQ(outcomes[1].value().version, 1u);
    CHECK_EQ(outcomes[2].error().code, ec::duplicate);
    CHECK_EQ(outcome_of(*journal, product("prd_a", "sku 3", 1)), ec::none);
    CHECK_EQ(outcome_of(*journal, product("prd_b", "sku 1", 0)), ec::none);
  });
}

SCENARIO("G3: an append that is repeated because its answer got lost is not written twice") {
  on_every_backend([](backend& database, const std::string& name) {
    MESSAGE(name);
    auto journal = database.journal("here");
    auto elsewhere = database.journal("elsewhere");
    const std::vector batch{make_append("ord_a", 0, 2), make_append("ord_b", 0, 1, ""), make_append("ord_a", 2, 1)};
    REQUIRE(journal->commit(batch).has_value());
    const auto again = journal->commit(batch).value();
    CHECK_EQ(again[0].value().version, 2u);
    CHECK_EQ(again[1].value().version, 1u);
    CHECK_EQ(again[2].value().version, 3u);
    CHECK_EQ(read_all(*database.query()).size(), 4u);
    for (const auto& outcome : elsewhere->commit(batch).value())
      CHECK_EQ(outcome.error().code, ec::conflict);
    auto other = batch;
    other[0].events[1].data = "{}";
    CHECK_EQ(journal->commit(other).value()[0].error().code, ec::conflict);
  });
}
