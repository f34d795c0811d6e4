#include "domain/courier.hpp"

#include "tests/domain/story.hpp"

#define CAF_SUITE domain.courier
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::courier;
using waybill::testing::courier_story;

namespace {

const courier_id ann{"cur_ann"};
const delivery_id first{"dlv_1"};
const delivery_id second{"dlv_2"};
const delivery_id third{"dlv_3"};
// Not `add`: money has a function of that name. Not `remove`: the C library has a function of that name.
using hire = waybill::courier::add;
using dismiss = waybill::courier::remove;

courier_story a_courier(std::uint32_t capacity = 2) {
  courier_story story;
  story.tell(hire{ann, user_id{"usr_ann"}, "Ann", capacity});
  return story;
}

change go(bool online) {
  return {std::nullopt, std::nullopt, online};
}

} // namespace

SCENARIO("a courier is added offline, goes online and offline; a repetition changes nothing") {
  courier_story story;
  CHECK_EQ(story.tell(go(true)), "not_found");
  CHECK_EQ(story.tell(hire{ann, user_id{"usr_ann"}, "Ann", 2}), "courier.added");
  CHECK(!story.state.online);
  CHECK_EQ(story.tell(hire{ann, user_id{"usr_ann"}, "Ann", 2}), "nothing");
  CHECK_EQ(story.tell(hire{ann, user_id{"usr_ann"}, "Another", 2}), "duplicate");
  CHECK_EQ(story.tell(go(true)), "courier.went_online");
  CHECK_EQ(story.tell(go(true)), "nothing");
  CHECK_EQ(story.tell(change{"Anna", 3, false}), "courier.changed courier.went_offline");
  CHECK_EQ(story.state.name, "Anna");
  CHECK_EQ(story.state.capacity, 3u);
}

SCENARIO("a capacity of zero or above the limit is refused") {
  courier_story story;
  CHECK_EQ(story.tell(hire{ann, {}, "Ann", 0}), "invalid_argument");
  CHECK_EQ(story.tell(hire{ann, {}, "Ann", max_capacity + 1}), "invalid_argument");
  CHECK_EQ(story.tell(hire{ann, {}, "Ann", max_capacity}), "courier.added");
  CHECK_EQ(story.tell(change{std::nullopt, 0, std::nullopt}), "invalid_argument");
}

SCENARIO("a courier takes as many deliveries as their capacity, and one more after giving one back") {
  auto story = a_courier();
  CHECK_EQ(story.tell(assign{first, 1}), "courier.assigned");
  CHECK_EQ(story.tell(assign{second, 1}), "courier.assigned");
  CHECK_EQ(story.tell(assign{third, 1}), "conflict");
  CHECK_EQ(story.tell(assign{second, 1}), "nothing");
  CHECK_EQ(story.tell(release{first, 1}), "courier.released");
  CHECK_EQ(story.tell(release{first, 1}), "nothing");
  CHECK_EQ(story.tell(assign{third, 1}), "courier.assigned");
}

SCENARIO("a capacity below the present deliveries removes none and allows no new ones") {
  auto story = a_courier();
  story.tell(assign{first, 1});
  story.tell(assign{second, 1});
  CHECK_EQ(story.tell(change{std::nullopt, 1, std::nullopt}), "courier.changed");
  CHECK_EQ(story.state.assignments.size(), 2u);
  story.tell(release{first, 1});
  CHECK_EQ(story.tell(assign{third, 1}), "conflict");
}

SCENARIO("a delivery that returns to a courier takes one place, and late messages of the first time change nothing") {
  auto story = a_courier(1);
  story.tell(assign{first, 1});
  CHECK_EQ(story.tell(assign{first, 3}), "courier.released courier.assigned");
  CHECK_EQ(story.tell(release{first, 1}), "nothing");
  CHECK_EQ(story.tell(assign{first, 1}), "conflict");
  CHECK_EQ(story.state.assignments.size(), 1u);
}

SCENARIO("a courier with deliveries cannot be removed; a removed one is not found and can be added again") {
  auto story = a_courier();
  story.tell(go(true));
  story.tell(assign{first, 1});
  CHECK_EQ(story.tell(dismiss{}), "illegal_transition");
  story.tell(release{first, 1});
  CHECK_EQ(story.tell(dismiss{}), "courier.removed");
  CHECK_EQ(story.tell(dismiss{}), "nothing");
  CHECK(!story.state.online);
  CHECK_EQ(story.tell(go(true)), "not_found");
  CHECK_EQ(story.tell(assign{first, 2}), "not_found");
  CHECK_EQ(story.tell(hire{ann, user_id{"usr_ann"}, "Anna", 1}), "courier.added");
  CHECK(!story.state.removed);
}
