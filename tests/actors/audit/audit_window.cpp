#define CAF_SUITE actors.audit_window
#include "actors/audit/audit_window.hpp"

#include "tests/actors/support/actor_fixture.hpp"

#include <string>
#include <vector>

using namespace waybill;

namespace {

/// A page of events of these streams, the first at this place in the log.
log_page page_of(std::uint64_t first, const std::vector<std::string>& streams) {
  log_page page;
  for (const auto& stream : streams) {
    stored_event event;
    event.stream = stream;
    event.position = page.next = {0, first++};
    event.at = timestamp{std::chrono::seconds{first}};
    page.events.push_back(event);
  }
  return page;
}

} // namespace

SCENARIO("a unit with a newer event is checked at that event, and the position waits for the unit") {
  audit_window window;
  window.reset({0, 4});
  window.add(page_of(5, {"a", "b", "a"}));
  window.add(page_of(8, {"b", "c"}));
  CHECK_EQ(window.events(), 5u);
  CHECK_EQ(window.front().value(), "a");
  CHECK(window.advance().position == (log_position{0, 4}));
  window.done("a");
  const auto moved = window.advance();
  CHECK(moved.position == (log_position{0, 7}));
  CHECK_EQ(moved.checked, 3u);
  CHECK_EQ(window.front().value(), "b");
  window.done("b");
  window.add(page_of(10, {"c"}));
  CHECK_EQ(window.advance().checked, 2u);
  CHECK_EQ(window.front().value(), "c");
  CHECK(window.oldest() == timestamp{std::chrono::seconds{11}});
  window.done("c");
  CHECK(window.advance().position == (log_position{0, 10}));
  CHECK(!window.front());
  CHECK_EQ(window.events(), 0u);
}

SCENARIO("an order's payment and delivery are checked with the order") {
  const auto id = make_id<order_id>();
  CHECK_EQ(audit_unit_of(sibling_id<payment_id>(id).value), id.value);
  CHECK_EQ(audit_unit_of(sibling_id<delivery_id>(id).value), id.value);
  CHECK_EQ(audit_unit_of(id.value), id.value);
  CHECK_EQ(audit_unit_of("cluster"), "cluster");
}
