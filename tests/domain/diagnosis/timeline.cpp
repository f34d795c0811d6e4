#include "domain/diagnosis/timeline.hpp"

#include "domain/base/errors.hpp"
#include "domain/diagnosis/timeline_json.hpp"
#include "tests/domain/support/whole_story.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#define CAF_SUITE domain.timeline
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::testing;
using namespace std::chrono_literals;

namespace {

diagnosis::timeline timeline_of(const whole_story& story) {
  auto whole = diagnosis::timeline_of(story.record, story.order.now);
  if (whole.has_error())
    CAF_FAIL(whole.error().detail);
  return *whole;
}

/// `stock 10 (waybill 10); payment 30 (waybill 10, ...)`, in milliseconds.
std::string steps_of(const diagnosis::timeline& whole) {
  const auto ms = [](auto time) { return std::to_string(time / 1ms); };
  std::string text;
  for (const auto& step : whole.steps) {
    text += (text.empty() ? "" : "; ") + std::string{order::word_for(step.reason)} + " " + ms(step.took) + " (";
    for (const auto& part : step.parts)
      text += (&part == step.parts.data() ? "" : ", ") + word(part.on) + " " + ms(part.took);
    text += ")";
  }
  return text;
}

std::string attempts_of(const diagnosis::timeline& whole) {
  std::string text;
  for (const auto& step : whole.steps)
    for (const auto& attempt : step.attempts)
      text += (text.empty() ? "" : "; ") + std::string{order::word_for(step.reason)} + ": " + attempt.of + " "
              + std::to_string(attempt.number) + " " + (attempt.outcome.empty() ? "open" : attempt.outcome) + " "
              + std::to_string(attempt.took / 1ms);
  return text;
}

void check_sums(const diagnosis::timeline& whole) {
  diagnosis::microseconds all{0};
  for (const auto& step : whole.steps) {
    diagnosis::microseconds parts{0};
    auto at = step.from;
    for (const auto& part : step.parts) {
      CHECK(part.from == at);
      at += part.took;
      parts += part.took;
    }
    CHECK(parts == step.took);
    all += step.took;
  }
  CHECK(all == whole.took);
  CHECK(sum_of(whole, diagnosis::share::inside) + sum_of(whole, diagnosis::share::outside)
          + sum_of(whole, diagnosis::share::waiting)
        == whole.took);
}

} // namespace

SCENARIO("the time of a delivered order is split into its steps, and into inside, outside and waiting") {
  auto story = dispatched_story();
  const auto then = [&](milliseconds later, const auto& command) {
    story.wait(later);
    CHECK_NE(story.tell(command), "nothing");
  };
  then(500ms, delivery::command{delivery::offer{courier_id{"cur_1"}}});
  then(200ms, delivery::command{delivery::decline{1, "no time"}});
  then(300ms, delivery::command{delivery::offer{courier_id{"cur_2"}}});
  then(100ms, delivery::command{delivery::accept{2}});
  then(400ms, delivery::command{delivery::start{2}});
  then(1s, delivery::command{delivery::complete{2}});
  then(5ms, order::command{order::record_delivered{courier_id{"cur_2"}}});
  then(5ms, payment::command{payment::capture{}});
  then(40ms, payment::command{payment::record_approved{"ch_1"}});
  then(5ms, order::command{order::record_settled{euros(1300)}});
  const auto finished = story.order.now;
  story.wait(1h);

  const auto whole = timeline_of(story);
  check_sums(whole);
  CHECK_EQ(steps_of(whole), "stock 10 (waybill 10); payment 30 (waybill 10, provider 10, waybill 10); "
                            "dispatch 20 (waybill 20); "
                            "courier 2505 (courier_search 500, courier 200, courier_search 300, courier 1500, "
                            "waybill 5); settlement 50 (waybill 5, provider 40, waybill 5)");
  CHECK_EQ(attempts_of(whole), "payment: authorize 1 authorized 10; courier: offer 1 declined 200; "
                               "courier: offer 2 completed 1500; settlement: capture 1 captured 40");
  CHECK(whole.took == finished - whole.from);
  CHECK(whole.delivered_after == 2560ms);
  CHECK_EQ(whole.steps[3].attempts[0].asked, "cur_1");
  CHECK_EQ(whole.steps[3].attempts[0].reason, "no time");
}

SCENARIO("an order under way is measured until now, and its open step has no outcome") {
  auto story = dispatched_story();
  story.wait(40ms);
  story.tell(delivery::command{delivery::offer{courier_id{"cur_1"}}});
  story.wait(60ms);
  const auto whole = timeline_of(story);
  check_sums(whole);
  CHECK(!whole.steps.back().ended);
  CHECK_EQ(attempts_of(whole), "payment: authorize 1 authorized 10; courier: offer 1 open 60");
  CHECK(!whole.delivered_after);
  CHECK(whole.took == story.order.now - whole.from);
}

SCENARIO("the time in which a deferred order waits for its payment counts as waiting") {
  whole_story story;
  auto placing = a_place_command();
  placing.payment = {"deferred", ""};
  story.tell(order::command{placing});
  story.wait(10ms);
  story.tell(order::command{order::record_stock_reserved{}});
  story.wait(60s);
  const auto whole = timeline_of(story);
  check_sums(whole);
  CHECK_EQ(steps_of(whole), "stock 10 (waybill 10); payer 60000 (payer 60000)");
  CHECK(sum_of(whole, diagnosis::share::waiting) == 60s);
}

SCENARIO("a provider that gives no answer is asked again, and all of it counts as outside") {
  whole_story story;
  const auto then = [&](milliseconds later, const auto& command) {
    story.wait(later);
    story.tell(command);
  };
  then(0ms, order::command{a_place_command()});
  then(10ms, order::command{order::record_stock_reserved{}});
  then(0ms, payment::command{payment::authorize{payment_id{"pay_1"}, order_id{"ord_1"}, customer_id{"cus_1"},
                                                euros(1300), "card", "tok_timeout"}});
  then(2s, payment::command{payment::record_unknown{}});
  then(0ms, order::command{order::record_payment_unknown{}});
  then(3s, payment::command{payment::record_declined{"expired_card"}});
  const auto whole = timeline_of(story);
  check_sums(whole);
  CHECK_EQ(steps_of(whole), "stock 10 (waybill 10); payment 5000 (provider 5000)");
  CHECK_EQ(attempts_of(whole), "payment: authorize 1 no_answer 2000; payment: authorize 2 declined 3000");
  CHECK_EQ(whole.steps[1].attempts[1].reason, "expired_card");
}

SCENARIO("the grace of a dispatch, a hold and the time in which an order needs attention count as waiting") {
  whole_story story;
  story.order.options.grace = 60s;
  const auto then = [&](milliseconds later, const auto& command) {
    story.wait(later);
    CHECK_NE(story.tell(command), "nothing");
  };
  then(0ms, order::command{a_place_command()});
  then(10ms, order::command{order::record_stock_reserved{}});
  then(10ms, order::command{order::record_payment_authorized{euros(1300)}});
  then(20s, order::command{order::hold{{"operator", "usr_1"}, "look at it"}});
  then(5s, order::command{order::release{{"operator", "usr_1"}, "fine"}});
  then(40s, order::command{order::record_fulfillment_started{delivery_id{"dlv_1"}}});
  const auto whole = timeline_of(story);
  check_sums(whole);
  CHECK_EQ(steps_of(whole), "stock 10 (waybill 10); payment 10 (waybill 10); dispatch 20000 (grace 20000); "
                            "release 5000 (hold 5000); dispatch 40000 (grace 35000, waybill 5000); courier 0 ()");
}

SCENARIO("the pause after the end of an order is no part of its time, a refund is") {
  whole_story story;
  story.tell(order::command{a_place_command()});
  for (const auto& command :
       std::vector<order::command>{order::record_stock_reserved{}, order::record_payment_authorized{euros(1300)},
                                   order::record_fulfillment_started{delivery_id{"dlv_1"}},
                                   order::record_delivered{courier_id{"cur_1"}}, order::record_settled{euros(1300)}})
    story.tell(command);
  story.wait(72h);
  story.tell(order::command{order::request_refund{refund_id{"rfd_1"}, {}, "broken", {}}});
  story.wait(2s);
  const auto whole = timeline_of(story);
  check_sums(whole);
  CHECK(whole.took == 2s);
  CHECK(whole.steps.back().reason == order::waiting::refund);
}

SCENARIO("a node whose clock is behind removes no time, and one that is ahead counts none twice") {
  auto story = dispatched_story();
  auto& events = story.record;
  events[2].at -= 1h;
  events[4].at += 15ms;
  const auto whole = timeline_of(story);
  check_sums(whole);
  CHECK(whole.took == story.order.now - whole.from);
}

SCENARIO("input that cannot be a timeline is refused") {
  CHECK(diagnosis::timeline_of({}, now()).error().code == ec::not_found);
  auto story = dispatched_story();
  story.record[0].schema = 99;
  CHECK(diagnosis::timeline_of(story.record, now()).error().code == ec::unreadable);
}

SCENARIO("in JSON a timeline is in milliseconds with three decimals") {
  CHECK_EQ(diagnosis::milliseconds_text(diagnosis::microseconds{12'005}), "12.005");
  CHECK_EQ(diagnosis::milliseconds_text(diagnosis::microseconds{0}), "0.000");
  auto story = dispatched_story();
  json_writer out;
  diagnosis::write_timeline(out, timeline_of(story));
  const auto json = boost::json::parse(out.take());
  CHECK_EQ(json.at("order_id").as_string(), "ord_1");
  CHECK_EQ(json.at("ms").to_number<double>(), 60.0);
  CHECK_EQ(json.at("inside_ms").to_number<double>(), 50.0);
  CHECK_EQ(json.at("outside_ms").to_number<double>(), 10.0);
  CHECK(json.at("delivered_after_ms").is_null());
  const auto& payment = json.at("steps").at(1).as_object();
  CHECK_EQ(payment.at("step").as_string(), "payment");
  CHECK_EQ(payment.at("at_ms").to_number<double>(), 10.0);
  CHECK_EQ(payment.at("parts").at(1).at("on").as_string(), "provider");
  CHECK_EQ(payment.at("attempts").at(0).at("outcome").as_string(), "authorized");
}
