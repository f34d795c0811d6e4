#include "actors/order/resolution.hpp"

#include "domain/base/errors.hpp"
#include "domain/json/codec.hpp"
#include "tests/domain/story.hpp"

#define CAF_SUITE actors.resolution
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace std::chrono_literals;
using waybill::testing::a_place_command;
using waybill::testing::euros;
using waybill::testing::order_story;

namespace {

using next_action = order_resolution::next_action;

/// The names of the requests, the word for the refusal, or the result to record.
struct as_text {
  std::string operator()(std::monostate) const { return "nothing"; }
  std::string operator()(const failure& reason) const { return std::string{to_string(reason.code)}; }
  std::string operator()(const order::resolve& facts) const {
    return "record " + std::string{name_of(facts.payment)} + " " + std::string{name_of(facts.fulfillment)};
  }
  std::string operator()(const std::vector<order_request>& requests) const {
    std::string text;
    for (const auto& request : requests)
      text += (text.empty() ? "" : ", ")
              + std::visit([](const auto& group) { return std::visit([](const auto& x) { return name(x); }, group); },
                           request);
    return text;
  }

  static std::string name(const reserve_stock&) { return "reserve_stock"; }
  static std::string name(const commit_stock& message) { return "commit " + message.order.value; }
  static std::string name(const release_stock& message) { return "release " + message.order.value; }
  static std::string name(const void_payment& message) { return "void " + message.id.value; }
  static std::string name(const get_payment& message) { return "get " + message.id.value; }
  static std::string name(const cancel_delivery& message) { return "cancel " + message.id.value; }
  static std::string name(const get_delivery& message) { return "get " + message.id.value; }
  template <class Message>
  static std::string name(const Message&) {
    return "something else";
  }
};

std::string text_of(const next_action& action) {
  return std::visit(as_text{}, action);
}

/// An order that needs attention and the resolution of it.
struct resolved_order {
  explicit resolved_order(order_story from, order::status outcome = order::status::cancelled)
    : story(std::move(from)), resolution(outcome, "settled by hand", story.options, 2s) {
    said = text_of(resolution.begin(story.state, story.now));
  }

  std::string deliver(delivery::status status) {
    delivery::state delivery;
    delivery.status = status;
    return hear(resolution.on_answer(story.state, story.now, delivery));
  }

  std::string pay(payment::status status, std::int64_t captured = 0) {
    payment::state payment;
    payment.status = status;
    payment.captured = euros(captured);
    return hear(resolution.on_answer(story.state, story.now, payment));
  }

  std::string count() { return hear(resolution.on_answer(story.state, story.now, stock_answer{})); }

  std::string fail(ec code) { return hear(resolution.on_failure(story.state, story.now, {code, "so it is"})); }

  std::string hear(const next_action& action) {
    if (const auto* refused = std::get_if<failure>(&action))
      detail = refused->detail;
    return said = text_of(action);
  }

  order_story story;
  order_resolution resolution;
  std::string said;
  std::string detail;
};

order_story dispatched() {
  order_story story;
  story.tell(a_place_command());
  story.tell(order::record_stock_reserved{});
  story.tell(order::record_payment_authorized{euros(1300)});
  story.tell(order::record_fulfillment_started{delivery_id{"dlv_1"}});
  return story;
}

/// An order that was delivered, and whose capture or commit failed.
order_story delivered() {
  auto story = dispatched();
  story.tell(order::record_delivered{courier_id{"cur_1"}});
  story.tell(order::give_up_step{"capture_payment: refused"});
  return story;
}

/// An order that is being cancelled, and whose compensation failed.
order_story cancelled() {
  auto story = dispatched();
  story.tell(order::request_cancel{"changed my mind"});
  story.tell(order::give_up_step{"void_payment: it took too long"});
  return story;
}

/// The same with a revision that is decided and has not yet released the order's old lines.
order_story revised(bool pays) {
  order_story story;
  story.tell(a_place_command());
  story.tell(order::record_stock_reserved{});
  story.tell(order::hold{{"operator", "usr_1"}, "looks odd"});
  story.tell(order::record_payment_authorized{euros(1300)});
  auto lines = a_place_command().lines;
  if (pays)
    lines.pop_back();
  else
    lines.front().sku = "GREEN TEA";
  story.tell(order::revise{"intent", lines, {}, {}});
  story.tell(order::record_revised{1});
  story.tell(order::give_up_step{"return_payment: it took too long"});
  return story;
}

} // namespace

SCENARIO("a cancelled order gives back its delivery, its payment and its stock, and is recorded last") {
  resolved_order order{cancelled()};
  CHECK_EQ(order.said, "cancel dlv_1");
  CHECK_EQ(order.deliver(delivery::status::cancelled), "void pay_1");
  CHECK_EQ(order.pay(payment::status::voided), "release ord_1, release ord_1");
  CHECK_EQ(order.count(), "nothing");
  CHECK_EQ(order.count(), "record voided cancelled");
}

SCENARIO("a delivered order whose money is captured is completed, and its stock is committed") {
  resolved_order order{delivered(), order::status::completed};
  CHECK_EQ(order.fail(ec::illegal_transition), "get dlv_1");
  CHECK_EQ(order.deliver(delivery::status::completed), "void pay_1");
  CHECK_EQ(order.fail(ec::illegal_transition), "get pay_1");
  CHECK_EQ(order.pay(payment::status::captured, 1300), "commit ord_1, commit ord_1");
  order.count();
  CHECK_EQ(order.count(), "record captured delivered");
}

SCENARIO("an order whose money is captured is not cancelled, and its stock is not touched") {
  resolved_order order{delivered()};
  order.fail(ec::illegal_transition);
  order.deliver(delivery::status::completed);
  order.fail(ec::illegal_transition);
  CHECK_EQ(order.pay(payment::status::captured, 1300), "illegal_transition");
  CHECK(order.detail.find("captured") != std::string::npos);
}

SCENARIO("a resolution is refused while a courier carries the goods") {
  resolved_order order{cancelled()};
  order.fail(ec::illegal_transition);
  CHECK_EQ(order.deliver(delivery::status::started), "illegal_transition");
  CHECK_EQ(order.detail, "ord_1 cannot be cancelled: a courier is under way with it");
}

SCENARIO("a resolution is refused while the payment is open") {
  resolved_order order{cancelled()};
  order.deliver(delivery::status::failed);
  CHECK_EQ(order.pay(payment::status::voiding), "unavailable");
  resolved_order refused{cancelled()};
  refused.deliver(delivery::status::failed);
  CHECK_EQ(refused.fail(ec::provider_refused), "illegal_transition");
  CHECK_EQ(refused.detail, "ord_1 cannot be cancelled: its authorisation is open, and so it is");
}

SCENARIO("a failure ends the resolution with the same failure, at every stage") {
  for (int stage = 0; stage < 4; ++stage) {
    resolved_order order{cancelled()};
    if (stage == 1)
      order.fail(ec::illegal_transition);
    if (stage > 1)
      order.deliver(delivery::status::cancelled);
    if (stage > 2)
      order.pay(payment::status::voided);
    CHECK_EQ(order.fail(ec::timed_out), "timed_out");
  }
}

SCENARIO("the first failed answer refuses the resolution, and later ones change nothing") {
  resolved_order order{cancelled()};
  order.deliver(delivery::status::cancelled);
  order.pay(payment::status::voided);
  CHECK_EQ(order.fail(ec::unavailable), "unavailable");
  CHECK_EQ(order.fail(ec::unavailable), "nothing");
  CHECK_EQ(order.count(), "nothing");
}

SCENARIO("stock that cannot be committed, because it is sold out or unknown, counts as not held") {
  for (const auto code : {ec::out_of_stock, ec::not_found}) {
    resolved_order order{delivered(), order::status::completed};
    order.deliver(delivery::status::completed);
    order.pay(payment::status::voided);
    CHECK_EQ(order.fail(code), "nothing");
    CHECK_EQ(order.count(), "record voided delivered");
  }
}

SCENARIO("the remains of a revision are given back before the order's own payment and stock") {
  resolved_order order{revised(true)};
  CHECK_EQ(order.deliver(delivery::status::cancelled), "void pay_1");
  CHECK_EQ(order.pay(payment::status::voided), "release ord_1, release ord_1");
  order.count();
  CHECK_EQ(order.count(), "void pay_1.1");
  CHECK_EQ(order.pay(payment::status::voided), "release ord_1.1");
  CHECK_EQ(order.count(), "record voided cancelled");
}

SCENARIO("a revision of the same price leaves only stock to give back") {
  resolved_order order{revised(false)};
  CHECK_EQ(order.deliver(delivery::status::cancelled), "release ord_1, release ord_1");
  order.count();
  CHECK_EQ(order.count(), "void pay_1");
}

SCENARIO("a revision's payment that is still open refuses the resolution") {
  resolved_order order{revised(true)};
  order.deliver(delivery::status::cancelled);
  CHECK_EQ(order.pay(payment::status::voiding), "unavailable");
}

SCENARIO("a resolution that cannot be accepted is refused before any request is sent") {
  CHECK_EQ(resolved_order{dispatched()}.said, "illegal_transition");
  CHECK_EQ((resolved_order{cancelled(), order::status::fulfilling}.said), "invalid_argument");
}

SCENARIO("an order that already has the wanted outcome needs no request") {
  auto story = cancelled();
  story.tell(order::resolve{order::status::cancelled, "settled by hand"});
  CHECK_EQ(resolved_order{story}.said, "nothing");
  CHECK_EQ((resolved_order{story, order::status::completed}.said), "illegal_transition");
}
