#include "domain/bulk/bulk_action.hpp"

#include "domain/base/errors.hpp"
#include "domain/json/codec.hpp"
#include "tests/domain/story.hpp"

#define CAF_SUITE domain.bulk_action
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::testing;

namespace {

using bulk_story = story<bulk::state, bulk::command, bulk::event, no_options>;

bulk::start start_of(const std::vector<std::string>& orders, const std::string& fingerprint = "abc") {
  bulk::started started;
  started.bulk_action = bulk_action_id{"blk_1"};
  started.reason = "why not";
  started.fingerprint = fingerprint;
  for (const auto& id : orders)
    started.orders.emplace_back(id);
  return {started};
}

bulk::record_progress begin(const std::vector<std::string>& orders, std::uint64_t version = 4) {
  bulk::record_progress progress;
  for (const auto& id : orders)
    progress.begun.push_back({order_id{id}, version});
  return progress;
}

bulk::record_progress end(const std::vector<std::string>& orders, const std::string& code = {}) {
  bulk::record_progress progress;
  for (const auto& id : orders)
    progress.results.push_back({order_id{id}, code, {}});
  return progress;
}

/// One word for the status of each item.
std::string items_of(const bulk_story& story) {
  std::string text;
  for (const auto& item : story.state.items)
    text += (text.empty() ? "" : " ") + word(item.status);
  return text;
}

} // namespace

SCENARIO("a bulk action begins its orders, records what became of each, and ends with the last") {
  bulk_story story;
  CHECK_EQ(story.tell(start_of({"ord_1", "ord_2", "ord_3"})), "bulk_action.started");
  CHECK(bulk::is_under_way(story.state));
  CHECK_EQ(story.tell(begin({"ord_1", "ord_2"})), "bulk_action.orders_begun");
  CHECK_EQ(items_of(story), "begun begun pending");
  CHECK_EQ(story.state.items[1].version, 4u);
  auto progress = end({"ord_1"});
  progress.begun = begin({"ord_3"}).begun;
  CHECK_EQ(story.tell(progress), "bulk_action.orders_ended bulk_action.orders_begun");
  CHECK_EQ(story.tell(end({"ord_2"}, "illegal_transition")), "bulk_action.orders_ended");
  CHECK_EQ(story.tell(end({"ord_3"})), "bulk_action.orders_ended bulk_action.ended");
  CHECK_EQ(items_of(story), "done refused done");
  CHECK(story.state.status == bulk::status::finished);
  CHECK(!bulk::is_under_way(story.state));
}

SCENARIO("a repeated start changes nothing; another one under the same id is refused, and so are invalid lists") {
  bulk_story story;
  CHECK_EQ(story.tell(start_of({})), "invalid_argument");
  CHECK_EQ(story.tell(start_of(std::vector<std::string>(2, "ord_1"))), "invalid_argument");
  std::vector<std::string> many;
  for (std::size_t i = 0; i <= bulk::max_orders; ++i)
    many.push_back("ord_" + std::to_string(i));
  CHECK_EQ(story.tell(start_of(many)), "invalid_argument");
  CHECK_EQ(story.tell(begin({"ord_1"})), "not_found");
  CHECK_EQ(story.tell(bulk::request_stop{}), "not_found");
  many.pop_back();
  CHECK_EQ(story.tell(start_of(many)), "bulk_action.started");
  CHECK_EQ(story.tell(start_of(many)), "nothing");
  CHECK_EQ(story.tell(start_of(many, "xyz")), "idempotency_key_reused");
}

SCENARIO("a stopped bulk action waits for the orders that were begun and leaves the others") {
  bulk_story story;
  story.tell(start_of({"ord_1", "ord_2"}));
  story.tell(begin({"ord_1"}));
  CHECK_EQ(story.tell(bulk::request_stop{{"operator", "usr_1"}}), "bulk_action.stop_requested");
  CHECK(story.state.status == bulk::status::stopping);
  CHECK_EQ(story.tell(begin({"ord_2"})), "nothing");
  CHECK_EQ(story.tell(bulk::request_stop{}), "nothing");
  // An item that was begun is decided again when its order has changed.
  CHECK_EQ(story.tell(begin({"ord_1"}, 4)), "nothing");
  CHECK_EQ(story.tell(begin({"ord_1"}, 5)), "bulk_action.orders_begun");
  CHECK_EQ(story.tell(end({"ord_1"})), "bulk_action.orders_ended bulk_action.ended");
  CHECK(story.state.status == bulk::status::stopped);
  CHECK_EQ(items_of(story), "done pending");
}

SCENARIO("a bulk action stopped between two rounds ends at once, and one with nothing left counts as finished") {
  bulk_story story;
  story.tell(start_of({"ord_1", "ord_2"}));
  CHECK_EQ(story.tell(bulk::request_stop{}), "bulk_action.stop_requested bulk_action.ended");
  CHECK(story.state.status == bulk::status::stopped);
  // Messages that were under way at the stop change nothing any more.
  CHECK_EQ(story.tell(end({"ord_1"})), "nothing");
  bulk_story last;
  last.tell(start_of({"ord_1"}));
  last.tell(begin({"ord_1"}));
  last.tell(bulk::request_stop{});
  last.tell(end({"ord_1"}));
  CHECK(last.state.status == bulk::status::finished);
}

SCENARIO("a recorded result of an order stays, and orders outside of the bulk action get none") {
  bulk_story story;
  story.tell(start_of({"ord_1", "ord_2"}));
  story.tell(end({"ord_1"}));
  CHECK_EQ(story.tell(end({"ord_1"}, "not_found")), "nothing");
  CHECK_EQ(story.tell(begin({"ord_1"})), "nothing");
  CHECK_EQ(story.tell(begin({"ord_9"})), "nothing");
  CHECK_EQ(items_of(story), "done pending");
}

SCENARIO("the events of a bulk action lead to its state") {
  bulk_story story;
  story.tell(start_of({"ord_1", "ord_2", "ord_3"}));
  story.tell(begin({"ord_1", "ord_2"}));
  story.tell(end({"ord_1"}, "not_found"));
  story.tell(bulk::request_stop{{"operator", "usr_1"}});
  story.tell(end({"ord_2"}));
  bulk::state replayed;
  for (const auto& [at, event] : story.log) {
    const auto written = encode_event(event);
    bulk::apply(replayed, decode_event<bulk::event>(written.type, written.schema, written.data).value(), at);
  }
  CHECK_EQ(text_of(replayed), text_of(story.state));
  CHECK_EQ(text_of(decode<bulk::state>(encode(story.state)).value()), text_of(story.state));
}
