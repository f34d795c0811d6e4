#include "domain/diagnosis/explanation.hpp"

#include "domain/base/errors.hpp"
#include "tests/domain/support/whole_story.hpp"

#include <algorithm>
#include <iterator>

#define CAF_SUITE domain.explanation
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::testing;
using namespace std::chrono_literals;

namespace {

diagnosis::explanation explain(const whole_story& story, const std::vector<diagnosis::open_work>& open = {}) {
  auto why = diagnosis::explain(open, story.record, story.order.now);
  if (why.has_error())
    CAF_FAIL(why.error().detail);
  return *why;
}

} // namespace

SCENARIO("an order that no courier delivers is explained by the last refusal and the possible actions") {
  auto story = dispatched_story();
  story.wait(100ms);
  story.tell(delivery::command{delivery::offer{courier_id{"cur_1"}}});
  story.wait(100ms);
  story.tell(delivery::command{delivery::decline{1, "no time"}});
  const auto since = story.record[7].at;
  const auto why = explain(story);
  CHECK(why.reason == order::waiting::courier);
  CHECK_EQ(why.sentence, "It waits for a courier to bring it.");
  CHECK(why.since == since);
  CHECK_EQ(why.attempts, 1u);
  CHECK_EQ(why.last_error, "courier cur_1 declined it: no time");
  CHECK_EQ(why.led_by.value().type, "order.fulfillment_started");
  CHECK_EQ(why.remedies, std::vector<std::string>{"cancel ord_1 --reason \"...\""});
  CHECK(why.deadline == story.order.state.step_by);
}

SCENARIO("an order whose provider does not answer is explained by the provider, the attempts and the next one") {
  whole_story story;
  story.tell(order::command{a_place_command()});
  story.tell(order::command{order::record_stock_reserved{}});
  story.tell(payment::command{payment::authorize{payment_id{"pay_1"}, order_id{"ord_1"}, customer_id{"cus_1"},
                                                 euros(1300), "card", "tok_timeout"}});
  story.wait(2s);
  story.tell(payment::command{payment::record_unknown{}});
  story.wait(2s);
  const auto next = story.order.now + 3s;
  const auto why = explain(story, {{"authorize_payment", 4, false, next, "no answer in time"}});
  CHECK_EQ(why.last_error, "the provider did not answer authorize in time");
  CHECK_EQ(why.attempts, 4u);
  CHECK(why.next_at == next);
}

SCENARIO("a provider that has not answered yet is named before the step is given up") {
  whole_story story;
  story.tell(order::command{a_place_command()});
  story.tell(order::command{order::record_stock_reserved{}});
  story.tell(payment::command{payment::authorize{payment_id{"pay_1"}, order_id{"ord_1"}, customer_id{"cus_1"},
                                                 euros(1300), "card", "tok_timeout"}});
  story.wait(500ms);
  CHECK_EQ(explain(story, {{"authorize_payment", 1, true, {}, {}}}).last_error, "");
  story.wait(7'500ms);
  const auto why = explain(story, {{"authorize_payment", 3, false, story.order.now + 1s, "no answer in time"}});
  CHECK_EQ(why.last_error, "the provider was asked for authorize 8.0 s ago and has not answered");
}

SCENARIO("the last error of the order's actor is named when no outside party reported one") {
  whole_story story;
  story.tell(order::command{a_place_command()});
  const auto why = explain(story, {{"reserve_stock", 2, true, story.order.now + 1s, "no node owns it"}});
  CHECK_EQ(why.last_error, "reserve_stock: no node owns it");
  // The attempt is under way: the time of a next one is not known.
  CHECK(!why.next_at);
}

SCENARIO("an order that needs attention names the step that failed and every way out") {
  auto story = dispatched_story();
  story.tell(order::command{order::record_delivered{courier_id{"cur_1"}}});
  story.tell(order::command{order::give_up_step{"capture_payment: it took too long"}});
  const auto why = explain(story);
  CHECK(why.reason == order::waiting::attention);
  CHECK(why.last_error.find("it took too long") != std::string::npos);
  CHECK_EQ(why.remedies.size(), 3u);
  CHECK_EQ(why.led_by.value().type, "order.needs_attention");
}

SCENARIO("an order that has ended waits for nothing") {
  whole_story story;
  story.tell(order::command{a_place_command()});
  story.tell(order::command{order::record_stock_rejected{product_id{"prd_1"}, 2, 1}});
  story.tell(order::command{order::record_compensated{}});
  const auto why = explain(story);
  CHECK(why.reason == order::waiting::nothing);
  CHECK_EQ(why.sentence, "It is rejected (out_of_stock): nothing is under way.");
  CHECK(!why.since);
  CHECK(why.remedies.empty());
  CHECK_EQ(diagnosis::rows_of(why, story.order.now).size(), 2u);
}

SCENARIO("known troubles of nodes are listed after the order's own reason") {
  whole_story story;
  story.tell(order::command{a_place_command()});
  auto why = explain(story);
  why.troubles = {"the database is slow: a commit took 700 ms", "node a cannot reach node b"};
  const auto rows = diagnosis::rows_of(why, story.order.now);
  using row = std::pair<std::string, std::string>;
  const auto first = std::ranges::find(rows, row{"in the cluster", why.troubles[0]});
  REQUIRE(first != rows.end());
  const row second{"", why.troubles[1]};
  CHECK(*std::next(first) == second);
}

SCENARIO("an unpaid order continues when somebody pays it, and not by itself") {
  whole_story story;
  auto placed = a_place_command();
  placed.payment.method = std::string{order::deferred_method};
  placed.payment.token.clear();
  story.tell(order::command{placed});
  story.tell(order::command{order::record_stock_reserved{}});
  const auto why = explain(story);
  REQUIRE(why.reason == order::waiting::payer);
  const auto rows = diagnosis::rows_of(why, story.order.now);
  const auto next = std::ranges::find(rows, "next attempt", [](const auto& row) { return row.first; });
  REQUIRE(next != rows.end());
  CHECK_EQ(next->second, "when somebody pays it");
}

SCENARIO("a hold is explained by the operator's own words") {
  whole_story story;
  story.order.options.grace = 60s;
  for (const auto& command : std::vector<order::command>{a_place_command(), order::record_stock_reserved{},
                                                         order::record_payment_authorized{euros(1300)},
                                                         order::hold{{"operator", "usr_1"}, "looks odd"}})
    story.tell(command);
  const auto why = explain(story);
  CHECK_EQ(why.sentence, "An operator holds it: looks odd.");
  CHECK_EQ(why.remedies.front(), "release ord_1 --reason \"...\"");
}

SCENARIO("durations are told in two units at most") {
  CHECK_EQ(diagnosis::duration_text(3ms), "3 ms");
  CHECK_EQ(diagnosis::duration_text(14'250ms), "14.2 s");
  CHECK_EQ(diagnosis::duration_text(125s), "2 min 5 s");
  CHECK_EQ(diagnosis::duration_text(2h + 5min), "2 h 5 min");
  CHECK_EQ(diagnosis::duration_text(50h), "2 d 2 h");
  CHECK_EQ(diagnosis::duration_text(1h), "1 h");
}
