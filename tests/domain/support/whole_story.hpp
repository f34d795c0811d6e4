#pragma once

#include "domain/diagnosis/recorded_event.hpp"
#include "tests/domain/story.hpp"

#include <map>
#include <string>

/// The events of an order, its payment and its delivery in one record, as the log has them.
namespace waybill::testing {

struct whole_story {
  order_story order;
  payment_story payment;
  delivery_story delivery;
  diagnosis::record record;

  void wait(milliseconds time) {
    order.wait(time);
    payment.wait(time);
    delivery.wait(time);
  }

  std::string tell(const order::command& command) { return tell(order, "ord_1", command); }
  std::string tell(const payment::command& command) { return tell(payment, "pay_1", command); }
  std::string tell(const delivery::command& command) { return tell(delivery, "dlv_1", command); }

private:
  template <class Story, class Command>
  std::string tell(Story& of, const std::string& stream, const Command& command) {
    const auto known = of.log.size();
    auto types = of.tell(command);
    for (auto i = known; i < of.log.size(); ++i) {
      const auto& [at, event] = of.log[i];
      const auto encoded = encode_event(event);
      record.push_back(
        {stream, i + 1, std::string{encoded.type}, encoded.schema, at, "operator/usr_1", "node-1", encoded.data});
    }
    return types;
  }
};

/// Ten milliseconds pass before each of these: the order is placed, its stock reserved, its payment asked for,
/// authorised at the provider, confirmed, and its delivery requested.
inline whole_story dispatched_story() {
  using namespace std::chrono_literals;
  whole_story story;
  const auto then = [&](const auto& command) {
    story.wait(10ms);
    story.tell(command);
  };
  then(order::command{a_place_command()});
  then(order::command{order::record_stock_reserved{}});
  then(payment::command{
    payment::authorize{payment_id{"pay_1"}, order_id{"ord_1"}, customer_id{"cus_1"}, euros(1300), "card", "tok_ok"}});
  then(payment::command{payment::record_approved{"ch_1"}});
  then(order::command{order::record_payment_authorized{euros(1300)}});
  then(delivery::command{
    delivery::request{delivery_id{"dlv_1"}, order_id{"ord_1"}, customer_id{"cus_1"}, "Ada", "1 Main Street"}});
  then(order::command{order::record_fulfillment_started{delivery_id{"dlv_1"}}});
  return story;
}

} // namespace waybill::testing
