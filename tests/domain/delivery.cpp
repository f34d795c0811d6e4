#include "domain/delivery.hpp"

#include "tests/domain/story.hpp"

#define CAF_SUITE domain.delivery
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::delivery;
using waybill::testing::delivery_story;
using waybill::testing::word;

namespace {

const delivery_id dlv{"dlv_1"};
const courier_id ann{"cur_ann"};
const courier_id bob{"cur_bob"};
// Not `abort`: the C library has a function of that name.
using give_back = waybill::delivery::abort;

request a_request() {
  return {dlv, order_id{"ord_1"}, customer_id{"cus_1"}, "Ada", "1 Main Street"};
}

delivery_story offered_delivery(std::uint32_t max_attempts = 2) {
  delivery_story story;
  story.options.max_attempts = max_attempts;
  story.tell(a_request());
  story.tell(offer{ann});
  return story;
}

delivery_story started_delivery() {
  auto story = offered_delivery();
  story.tell(accept{1});
  story.tell(start{1});
  return story;
}

} // namespace

SCENARIO("a courier accepts, starts and completes a delivery") {
  delivery_story story;
  CHECK_EQ(story.tell(a_request()), "delivery.requested");
  CHECK_EQ(story.tell(offer{ann}), "delivery.offered");
  CHECK(story.state.step_by == story.now + story.options.answer_within);
  CHECK_EQ(story.tell(complete{1}), "illegal_transition");
  CHECK_EQ(story.tell(accept{1}), "delivery.assigned");
  CHECK_EQ(story.tell(complete{1}), "illegal_transition");
  CHECK_EQ(story.tell(start{1}), "delivery.started");
  CHECK_EQ(story.tell(complete{1}), "delivery.completed");
  CHECK_EQ(story.state.courier.value, "cur_ann");
  CHECK(!story.state.step_by.has_value());
  CHECK_EQ(story.tell(cancel{dlv}), "illegal_transition");
}

SCENARIO("a repeated command of the courier changes nothing") {
  auto story = started_delivery();
  CHECK_EQ(story.tell(accept{1}), "nothing");
  CHECK_EQ(story.tell(start{1}), "nothing");
  story.tell(complete{1});
  CHECK_EQ(story.tell(complete{1}), "nothing");
}

SCENARIO("a declined delivery is offered again and the courier is remembered") {
  auto story = offered_delivery();
  CHECK_EQ(story.tell(decline{1, "busy"}), "delivery.declined");
  CHECK_EQ(story.tell(decline{1, "busy"}), "nothing");
  CHECK_EQ(word(story.state.status), "requested");
  REQUIRE_EQ(story.state.tried.size(), 1u);
  CHECK_EQ(story.state.tried[0].value, "cur_ann");
  CHECK_EQ(story.tell(offer{bob}), "delivery.offered");
  CHECK_EQ(story.state.attempt, 2u);
}

SCENARIO("a courier who has lost the delivery gets an error") {
  auto story = offered_delivery();
  story.tell(decline{1, "busy"});
  CHECK_EQ(story.tell(accept{1}), "conflict");
  story.tell(offer{bob});
  CHECK_EQ(story.tell(accept{1}), "conflict");
  CHECK_EQ(story.tell(decline{1, "busy"}), "conflict");
  CHECK_EQ(story.tell(accept{2}), "delivery.assigned");
}

SCENARIO("the delivery fails when its last attempt fails") {
  auto story = offered_delivery(1);
  CHECK_EQ(story.tell(decline{1, "busy"}), "delivery.declined delivery.failed");
  CHECK_EQ(story.tell(decline{1, "busy"}), "nothing");
  CHECK_EQ(story.tell(offer{bob}), "illegal_transition");
  story = offered_delivery(1);
  story.tell(accept{1});
  CHECK_EQ(story.tell(give_back{1, "flat tyre"}), "delivery.aborted delivery.failed");
  CHECK_EQ(story.tell(cancel{dlv}), "nothing");
}

SCENARIO("a courier who does not answer in time loses the offer, and never earlier") {
  auto story = offered_delivery();
  story.wait(story.options.answer_within - milliseconds{1});
  CHECK_EQ(story.tell(give_up_attempt{}), "nothing");
  story.wait(milliseconds{1});
  CHECK_EQ(story.tell(give_up_attempt{}), "delivery.declined");
  CHECK_EQ(story.state.reason, "no answer");
  CHECK_EQ(story.tell(give_up_attempt{}), "nothing");
}

SCENARIO("a courier who vanishes on the way loses the delivery") {
  auto story = started_delivery();
  story.wait(story.options.finish_within);
  CHECK_EQ(story.tell(give_up_attempt{}), "delivery.aborted");
  CHECK_EQ(story.state.reason, "the courier vanished");
}

SCENARIO("a delivery can be cancelled until a courier has started") {
  auto story = offered_delivery();
  story.tell(accept{1});
  CHECK_EQ(story.tell(cancel{dlv}), "delivery.cancelled");
  CHECK_EQ(story.tell(cancel{dlv}), "nothing");
  CHECK_EQ(story.tell(start{1}), "illegal_transition");
  CHECK_EQ(started_delivery().tell(cancel{dlv}), "illegal_transition");
}

SCENARIO("a delivery that is cancelled before it was requested refuses the late request") {
  delivery_story story;
  CHECK_EQ(story.tell(cancel{dlv}), "delivery.cancelled");
  CHECK_EQ(story.state.id.value, "dlv_1");
  CHECK_EQ(story.tell(a_request()), "illegal_transition");
}

SCENARIO("one delivery brings one order to one address") {
  auto story = offered_delivery();
  CHECK_EQ(story.tell(a_request()), "nothing");
  auto other = a_request();
  other.address = "2 Main Street";
  CHECK_EQ(story.tell(other), "idempotency_key_reused");
}

SCENARIO("a delivery that nobody takes in time fails, never earlier, and not while a courier has it") {
  delivery_story story;
  story.tell(a_request());
  CHECK(search_ends(story.state, story.options) == story.now + story.options.find_within);
  story.wait(story.options.find_within - milliseconds{1});
  CHECK_EQ(story.tell(give_up_search{}), "nothing");
  auto taken = story;
  taken.tell(offer{ann});
  taken.wait(milliseconds{1});
  CHECK_EQ(taken.tell(give_up_search{}), "nothing");
  taken.tell(decline{1, "busy"});
  CHECK_EQ(taken.tell(give_up_search{}), "delivery.failed");
  story.wait(milliseconds{1});
  CHECK_EQ(story.tell(give_up_search{}), "delivery.failed");
  CHECK_EQ(story.tell(give_up_search{}), "nothing");
}

SCENARIO("a cancellation records the courier who has the delivery or its offer") {
  auto story = offered_delivery();
  CHECK_EQ(story.tell(cancel{dlv}), "delivery.cancelled");
  CHECK_EQ(std::get<cancelled>(story.log.back().second).courier.value, "cur_ann");
  REQUIRE_EQ(story.state.tried.size(), 1u);
  CHECK_EQ(story.state.tried[0].value, "cur_ann");
}
