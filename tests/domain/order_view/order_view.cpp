#include "domain/order_view/history.hpp"
#include "domain/order_view/search.hpp"
#include "domain/text/folding.hpp"
#include "tests/domain/story.hpp"

#define CAF_SUITE domain.order_view
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::testing;
using namespace std::chrono_literals;

namespace {

const order::record_payment_authorized authorized{euros(1300)};

/// The reasons to wait after each command, as words.
std::string reasons_of(order_story& story, const std::vector<order::command>& commands) {
  std::string text;
  for (const auto& command : commands) {
    CHECK(story.tell(command).starts_with("order."));
    text += std::string{text.empty() ? "" : " "} + std::string{order::word_for(order::waiting_of(story.state))};
  }
  return text;
}

order::state placed_order() {
  order_story story;
  story.tell(a_place_command());
  return story.state;
}

bool is_found(const std::string& text) {
  order::search wanted;
  wanted.words = folded_words(text);
  return order::matches(wanted, placed_order());
}

} // namespace

SCENARIO("an order has one reason to wait after the other, until it has ended") {
  order_story story;
  story.options.grace = 60s;
  CHECK_EQ(
    reasons_of(story,
               {a_place_command(), order::record_stock_reserved{}, authorized,
                order::hold{{"operator", "usr_1"}, "check it"}, order::release{{"operator", "usr_1"}, "fine"},
                order::record_fulfillment_started{delivery_id{"dlv_1"}}, order::record_delivered{courier_id{"cur_1"}}}),
    "stock payment dispatch release dispatch courier settlement");
  CHECK_EQ(reasons_of(story, {order::record_settled{euros(1300)}}), "");
  CHECK_EQ(reasons_of(story, {order::request_refund{refund_id{"rfd_1"}, {}, "broken", {}}}), "refund");
}

SCENARIO("a rejected or cancelled order waits for its compensation") {
  order_story rejected;
  CHECK_EQ(reasons_of(rejected, {a_place_command(), order::record_stock_rejected{product_id{"prd_1"}, 2, 1},
                                 order::record_compensated{}}),
           "stock compensation ");
  order_story cancelled;
  CHECK_EQ(reasons_of(cancelled, {a_place_command(), order::request_cancel{"too slow"}, order::record_compensated{}}),
           "stock compensation ");
  order_story stuck;
  CHECK_EQ(reasons_of(stuck, {a_place_command(), order::request_cancel{"too slow"}, order::give_up_step{"no answer"}}),
           "stock compensation operator");
}

SCENARIO("each reason to wait has a word of its own and the statuses in which it occurs") {
  for (int number = 1; number <= static_cast<int>(order::waiting::attention); ++number) {
    const auto reason = static_cast<order::waiting>(number);
    CHECK(!order::word_for(reason).empty());
    CHECK(order::to_waiting(order::word_for(reason)) == reason);
    CHECK(!order::statuses_of(reason).empty());
  }
  CHECK(!order::to_waiting(""));
  CHECK(!order::to_waiting("nothing"));
  order_story story;
  for (const auto& command : std::vector<order::command>{a_place_command(), order::record_stock_reserved{}, authorized,
                                                         order::request_cancel{"no"}}) {
    story.tell(command);
    const auto statuses = order::statuses_of(order::waiting_of(story.state));
    CHECK(std::find(statuses.begin(), statuses.end(), story.state.status) != statuses.end());
  }
}

SCENARIO("the history of an order gives its state after each event, and since when its reason to wait is the same") {
  order_story story;
  std::vector<std::string> states;
  std::vector<timestamp> changed_at;
  for (const auto& command : std::vector<order::command>{a_place_command(), order::record_stock_reserved{},
                                                         order::record_payment_unknown{}, authorized}) {
    story.wait(10s);
    const auto before = order::waiting_of(story.state);
    story.tell(command);
    states.push_back(text_of(story.state));
    if (order::waiting_of(story.state) != before)
      changed_at.push_back(story.now);
  }
  order::history past;
  std::vector<std::string> told;
  for (const auto& [at, event] : story.log) {
    past.add(event, at);
    told.push_back(text_of(past.present()));
  }
  CHECK_EQ(told.back(), states.back());
  // The last command gave two events: the state between them was never seen.
  CHECK_EQ((std::vector<std::string>{told[0], told[1], told[2]}),
           (std::vector<std::string>{states[0], states[1], states[2]}));
  CHECK(past.reason() == order::waiting::dispatch);
  CHECK(past.since() == changed_at.back());
  order::history earlier;
  for (std::size_t i = 0; i < 3; ++i)
    earlier.add(story.log[i].second, story.log[i].first);
  CHECK(earlier.reason() == order::waiting::payment);
  // Not since the payment became unknown.
  CHECK(earlier.since() == story.log[1].first);
}

SCENARIO("a word is found at the end of an id, where people read it, and not by chance within") {
  order_story story;
  auto command = a_place_command();
  command.order = order_id{"ord_06gz71vteafvxyq4662e"};
  story.tell(command);
  const auto finds = [&](const std::string& text) {
    order::search wanted;
    wanted.words = folded_words(text);
    return order::matches(wanted, story.state);
  };
  for (const auto* text : {"662e", "4662E", "ada 662e", "ord_06gz71vteafvxyq4662e"})
    CHECK(finds(text));
  for (const auto* text : {"62e", "afvx", "06gz", "4662"})
    CHECK(!finds(text));
}

SCENARIO("orders are found by words of their id, recipient, address, note and lines, in any case and order") {
  for (const auto* text : {"ada", "MAIN ada", "main street", "ord_1", "cup", "tea TEA", ""})
    CHECK(is_found(text));
  for (const auto* text : {"grace", "ada grace", "card", "tok_ok", "cus_1", "adamain"})
    CHECK(!is_found(text));
}

SCENARIO("orders are found by a product of any line, and by what they wait for") {
  order::search wanted;
  CHECK(wanted.is_empty());
  wanted.product = "prd_2";
  CHECK(order::matches(wanted, placed_order()));
  wanted.reason = order::waiting::stock;
  CHECK(order::matches(wanted, placed_order()));
  wanted.reason = order::waiting::courier;
  CHECK(!order::matches(wanted, placed_order()));
  wanted = {{}, "prd_3", {}};
  CHECK(!order::matches(wanted, placed_order()));
}
