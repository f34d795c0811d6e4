#pragma once

#include "actors/order/saga.hpp"
#include "domain/json/codec.hpp"
#include "tests/domain/story.hpp"

#include <algorithm>
#include <string>
#include <variant>
#include <vector>

#include <caf/test/bdd_dsl.hpp>

namespace waybill::test {

using namespace std::chrono_literals;
using order::step;
using testing::a_place_command;
using testing::euros;
using testing::order_story;

inline constexpr milliseconds short_pause{50};

/// An order and its saga: what the saga records is applied; its requests wait for an answer.
struct order_with_saga {
  explicit order_with_saga(const order::place& placed = a_place_command()) {
    carry_out(placed);
    follow();
  }

  /// Leads the order on without its saga, which sees only the end.
  template <class... Commands>
  void lead_by(const Commands&... commands) {
    (carry_out(commands), ...);
    follow();
  }

  void carry_out(const order::command& command) { CHECK(story.tell(command).starts_with("order.")); }

  void follow() { take(saga.follow(story.state, story.now)); }

  void wait(milliseconds time) {
    story.wait(time);
    take(saga.on_time(story.state, story.now));
  }

  /// Answers the oldest open request of the step.
  template <class Answer>
  void answer(step of, const Answer& with) {
    take(saga.on_answer(story.state, story.now, next(of).attempt, with));
    follow();
  }

  void fail(step of, ec code) {
    take(saga.on_failure(story.state, story.now, next(of).attempt, {code, "no"}));
    follow();
  }

  void answer_all_stock(step of) {
    for (const auto* product : {"prd_1", "prd_2"})
      answer(of, stock_answer{product_id{product}, true, 0});
  }

  saga_request next(step of) {
    const auto place =
      std::find_if(open.begin(), open.end(), [of](const saga_request& item) { return item.attempt.step == of; });
    CAF_REQUIRE(place != open.end());
    auto request = *place;
    open.erase(place);
    return request;
  }

  /// The steps of the requests that are not answered, one word for each request.
  std::string asked() const {
    std::string text;
    for (const auto& request : open)
      text += (text.empty() ? "" : " ") + std::string{name_of(request.attempt.step)};
    return text;
  }

  void take(const saga_actions& actions) {
    open.insert(open.end(), actions.requests.begin(), actions.requests.end());
    for (const auto& retry : actions.retries)
      retries +=
        (retries.empty() ? "" : " ") + std::string{name_of(retry.step)} + ":" + std::string{name_of(retry.reason)};
    if (!actions.record)
      return;
    causation = actions.record->causation;
    recorded = story.tell(actions.record->command);
  }

  order_story story;
  order_saga saga{{{30s, 2s}, 3s, [](std::uint32_t attempt) { return short_pause * attempt; }}};
  std::vector<saga_request> open;
  /// `step:reason` of each that was taken again.
  std::string retries;
  /// The events of the last record, and its cause.
  std::string recorded;
  std::string causation;
};

template <class Message, class Group>
Message message_of(const saga_request& request) {
  return std::get<Message>(std::get<Group>(request.message));
}

inline payment::state payment_in(payment::status status, std::int64_t cents = 1300) {
  payment::state payment;
  payment.status = status;
  payment.authorized = payment.captured = euros(cents);
  payment.decline_reason = "card_declined";
  return payment;
}

inline delivery::state delivery_in(delivery::status status) {
  delivery::state delivery;
  delivery.id = delivery_id{"dlv_1"};
  delivery.courier = courier_id{"cur_1"};
  delivery.status = status;
  return delivery;
}

inline const order::record_payment_authorized authorized{euros(1300)};
inline const order::record_fulfillment_started started{delivery_id{"dlv_1"}};
inline const order::record_delivered delivered{courier_id{"cur_1"}};

inline order_with_saga delivered_order() {
  order_with_saga order;
  order.lead_by(order::record_stock_reserved{}, authorized, started, delivered);
  order.open.clear();
  order.saga.forget();
  order.follow();
  return order;
}

inline order_with_saga cancelled_order() {
  order_with_saga order;
  order.lead_by(order::record_stock_reserved{}, authorized, started);
  order.open.clear();
  order.lead_by(order::request_cancel{"changed my mind"});
  return order;
}

} // namespace waybill::test
