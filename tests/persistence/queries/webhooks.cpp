#include "domain/base/errors.hpp"
#include "tests/persistence/backends.hpp"

#define CAF_SUITE persistence.webhooks
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;
using enum webhook::delivery_status;

namespace {

timestamp at(int seconds) {
  return timestamp{std::chrono::seconds{1'000'000 + seconds}};
}

webhook_row endpoint(const std::string& id, const std::string& secret, std::uint64_t cursor) {
  webhook_row row;
  row.id = id;
  row.secret = secret;
  row.progress.id = id;
  row.progress.cursor = row.progress.needed_after = {7, cursor};
  return row;
}

append with_event(const webhook_row& row, std::uint64_t version = 0) {
  auto entry = make_append(row.id, version, 1, R"({"id":")" + row.id + R"("})");
  entry.kind = entity_kind::webhook;
  entry.rows.emplace_back(row);
  return entry;
}

template <class... Rows>
append of_rows(const Rows&... rows) {
  append entry;
  entry.kind = entity_kind::webhook;
  entry.at = at(0);
  (entry.rows.emplace_back(rows), ...);
  return entry;
}

webhook_delivery_row delivery(const std::string& of, std::uint64_t sequence, webhook::delivery_status status,
                              int changed = 0) {
  webhook_delivery_row row;
  row.endpoint = of;
  row.position = {7, sequence};
  row.message = "msg_" + std::to_string(sequence);
  row.stream = "ord_" + std::to_string(sequence);
  row.version = 3;
  row.type = "order.placed";
  row.delivery = webhook::new_delivery(at(changed));
  row.delivery.status = status;
  if (status != pending)
    row.delivery.next_attempt_at.reset();
  return row;
}

std::string numbers_of(const webhook_delivery_page& page) {
  std::string text;
  for (const auto& delivery : page.deliveries)
    text += std::to_string(delivery.position.sequence) + ' ';
  return text;
}

} // namespace

SCENARIO("an endpoint's row keeps its secrets, and a change of the endpoint leaves its progress alone") {
  on_every_backend([](backend& database, const std::string& name) {
    MESSAGE(name);
    auto journal = database.journal();
    auto query = database.query();
    write(*journal, with_event(endpoint("whk_1", "whsec_a", 5)));
    auto progress = endpoint("whk_1", "", 20).progress;
    progress.needed_after = {7, 11};
    progress.replayed_to = {3, 4};
    progress.backlog = 9;
    progress.last_success_at = at(1);
    progress.last_error = "the answer was 500";
    write(*journal, of_rows(progress));
    auto changed = endpoint("whk_1", "whsec_b", 1);
    changed.enabled = false;
    changed.previous_secret = "whsec_a";
    changed.previous_until = at(60);
    write(*journal, with_event(changed, 1));
    const auto stored = query->run(load_entity{entity_kind::webhook, "whk_1"}).value().webhook;
    CAF_REQUIRE(stored.has_value());
    CHECK_EQ(stored->secret, "whsec_b");
    CHECK_EQ(stored->previous_secret, "whsec_a");
    CHECK(stored->previous_until == at(60));
    CHECK(!stored->enabled);
    CHECK(stored->progress.cursor == progress.cursor);
    CHECK(stored->progress.needed_after == progress.needed_after);
    CHECK(stored->progress.replayed_to == progress.replayed_to);
    CHECK_EQ(stored->progress.backlog, 9u);
    CHECK(stored->progress.last_success_at == at(1));
    CHECK(!stored->progress.last_failure_at);
    CHECK_EQ(stored->progress.last_error, "the answer was 500");
    // Only of the kind that has one.
    CHECK(!query->run(load_entity{entity_kind::order, "whk_1"}).value().webhook);
  });
}

SCENARIO("endpoints are listed by id, and late progress does not bring a removed one back") {
  on_every_backend([](backend& database, const std::string& name) {
    MESSAGE(name);
    auto journal = database.journal();
    auto query = database.query();
    for (const auto* id : {"whk_1", "whk_2", "whk_3"})
      write(*journal, with_event(endpoint(id, "whsec_a", 5)));
    auto gone = make_append("whk_2", 1, 1, R"({"id":"whk_2"})");
    gone.kind = entity_kind::webhook;
    gone.rows.emplace_back(webhook_removed{"whk_2"});
    write(*journal, gone);
    write(*journal, of_rows(endpoint("whk_2", "", 9).progress));
    const auto first = query->run(list_webhooks{{}, 1}).value();
    CHECK(first.more);
    CHECK_EQ(first.webhooks.at(0).progress.id, "whk_1");
    CHECK_EQ(first.webhooks.at(0).state, R"({"id":"whk_1"})");
    const auto rest = query->run(list_webhooks{"whk_1", 50}).value();
    CHECK(!rest.more);
    CHECK_EQ(rest.webhooks.size(), 1u);
    CHECK_EQ(rest.webhooks.at(0).progress.id, "whk_3");
    CHECK(!query->run(load_entity{entity_kind::webhook, "whk_2"}).value().webhook);
  });
}

SCENARIO("rows without a stream are written unconditionally, together with others, and by two writers") {
  on_every_backend([](backend& database, const std::string& name) {
    MESSAGE(name);
    auto journal = database.journal();
    auto other = database.journal("there");
    auto query = database.query();
    write(*journal, with_event(endpoint("whk_1", "whsec_a", 5)));
    const std::vector<append> batch{of_rows(delivery("whk_1", 6, pending), endpoint("whk_1", "", 6).progress),
                                    make_append("ord_9", 0), make_append("ord_9", 0, 2),
                                    of_rows(delivery("whk_1", 7, pending), endpoint("whk_1", "", 7).progress)};
    const auto outcomes = journal->commit(batch).value();
    CHECK(outcomes.at(0).has_value());
    CHECK(outcomes.at(1).has_value());
    CHECK_EQ(int(outcomes.at(2).error().code), int(ec::conflict));
    CHECK(outcomes.at(3).has_value());
    write(*other, of_rows(delivery("whk_1", 7, delivered), endpoint("whk_1", "", 8).progress));
    list_webhook_deliveries all;
    all.endpoint = "whk_1";
    CHECK_EQ(numbers_of(query->run(all).value()), "7 6 ");
    CHECK(query->run(all).value().deliveries.at(0).delivery.status == delivered);
    CHECK(query->run(load_entity{entity_kind::webhook, "whk_1"}).value().webhook->progress.cursor
          == (log_position{7, 8}));
  });
}

SCENARIO("the delivery log is listed by status, by message and by page, in the order of the log") {
  on_every_backend([](backend& database, const std::string& name) {
    MESSAGE(name);
    auto journal = database.journal();
    auto query = database.query();
    auto failing = delivery("whk_1", 3, pending);
    failing.delivery.attempts = 2;
    failing.delivery.last_status = 503;
    failing.delivery.last_error = "the answer was 503";
    failing.delivery.last_duration_ms = 12;
    write(*journal, of_rows(delivery("whk_1", 1, delivered, 10), delivery("whk_1", 2, failed, 20), failing,
                            delivery("whk_1", 0x1000, pending), delivery("whk_2", 9, pending)));
    list_webhook_deliveries all;
    all.endpoint = "whk_1";
    CHECK_EQ(numbers_of(query->run(all).value()), "4096 3 2 1 ");
    auto wanted = all;
    wanted.oldest_first = true;
    wanted.status = pending;
    CHECK_EQ(numbers_of(query->run(wanted).value()), "3 4096 ");
    const auto stored = query->run(wanted).value().deliveries.at(0);
    CHECK(stored.delivery == failing.delivery);
    CHECK_EQ(stored.message + stored.stream + stored.type, "msg_3ord_3order.placed");
    CHECK_EQ(stored.version, 3u);
    wanted = all;
    wanted.limit = 2;
    CHECK(query->run(wanted).value().more);
    wanted.cursor = log_position{7, 3};
    CHECK(!query->run(wanted).value().more);
    CHECK_EQ(numbers_of(query->run(wanted).value()), "2 1 ");
    wanted = all;
    wanted.message = "msg_2";
    CHECK_EQ(numbers_of(query->run(wanted).value()), "2 ");
    wanted = all;
    wanted.ended_before = at(20);
    CHECK_EQ(numbers_of(query->run(wanted).value()), "1 ");
    write(*journal, of_rows(webhook_delivery_forgotten{"whk_1", {7, 1}}, webhook_delivery_forgotten{"whk_1", {7, 9}}));
    CHECK_EQ(numbers_of(query->run(all).value()), "4096 3 2 ");
  });
}
