#include "domain/json/codec.hpp"
#include "domain/order/order.hpp"
#include "domain/payment.hpp"
#include "tests/cluster/chaos/checker.hpp"

#include <algorithm>

#define CAF_SUITE cluster.chaos_causes
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::chaos;

namespace {

stored_event logged(const std::string& stream, std::uint64_t version, const std::string& type,
                    std::uint64_t transaction) {
  stored_event event;
  event.stream = stream;
  event.version = version;
  event.type = type;
  event.order = "ord_1";
  event.data = "{}";
  event.position = {transaction, version};
  return event;
}

template <class Event>
stored_event encoded_as(const std::string& stream, std::uint64_t version, const Event& content,
                        std::uint64_t transaction) {
  const auto encoded = encode_event(content);
  auto event = logged(stream, version, std::string{encoded.type}, transaction);
  event.schema = encoded.schema;
  event.data = encoded.data;
  return event;
}

payment::event intent(const std::string& key) {
  payment::intent_recorded recorded;
  recorded.payment = payment_id{"pay_1"};
  recorded.order = order_id{"ord_1"};
  recorded.key = key;
  return recorded;
}

/// An order of two products that was delivered; by stream and version, as the database gives them.
test::stored_contents delivered() {
  order::placed placed;
  placed.order = order_id{"ord_1"};
  for (const auto* product : {"prd_1", "prd_2"})
    placed.lines.push_back({product_id{product}, {}, {}, 1, {}});
  test::stored_contents stores;
  stores.events = {logged("dlv_1", 1, "delivery.requested", 14),
                   logged("dlv_1", 2, "delivery.completed", 15),
                   encoded_as("ord_1", 1, order::event{placed}, 10),
                   logged("ord_1", 2, "order.stock_reserved", 12),
                   logged("ord_1", 3, "order.payment_authorized", 13),
                   logged("ord_1", 4, "order.confirmed", 13),
                   logged("ord_1", 5, "order.fulfillment_started", 14),
                   logged("ord_1", 6, "order.delivered", 16),
                   logged("ord_1", 7, "order.payment_captured", 18),
                   logged("ord_1", 8, "order.completed", 18),
                   encoded_as("pay_1", 1, intent("pay_1/authorize"), 11),
                   logged("pay_1", 2, "payment.authorized", 13),
                   encoded_as("pay_1", 3, intent("pay_1/capture"), 16),
                   logged("pay_1", 4, "payment.captured", 17),
                   logged("prd_1", 1, "stock.reserved", 11),
                   logged("prd_1", 2, "stock.committed", 17),
                   logged("prd_2", 1, "stock.reserved", 12),
                   logged("prd_2", 2, "stock.committed", 18)};
  return stores;
}

/// The same until it was confirmed; then it was cancelled.
test::stored_contents cancelled() {
  auto stores = delivered();
  std::erase_if(stores.events, [](const stored_event& event) { return event.position.transaction > 13; });
  stores.events.push_back(logged("ord_1", 5, "order.cancel_requested", 14));
  stores.events.push_back(logged("ord_1", 6, "order.compensated", 16));
  stores.events.push_back(logged("pay_1", 3, "payment.voided", 15));
  stores.events.push_back(logged("prd_1", 2, "stock.released", 15));
  stores.events.push_back(logged("prd_2", 2, "stock.released", 16));
  return stores;
}

stored_event& event_of(test::stored_contents& stores, const std::string& stream, const std::string& type) {
  return *std::ranges::find_if(stores.events,
                               [&](const stored_event& event) { return event.stream == stream && event.type == type; });
}

/// That nothing but this is found when the event is missing, and when a later transaction wrote it.
void check_needed(const test::stored_contents& sound, const std::string& stream, const std::string& type,
                  const std::string& effect) {
  CAF_MESSAGE(effect << " needs " << type << " of " << stream);
  CAF_CHECK(check_causes(sound).empty());
  const auto check_found = [&](const test::stored_contents& changed) {
    const auto violations = check_causes(changed);
    CAF_CHECK(std::ranges::any_of(violations, [&](const violation& violation) {
      return violation.claim == "cause" && violation.text.starts_with(effect + " of ")
             && violation.text.find(type) != std::string::npos;
    }));
  };
  auto late = sound;
  event_of(late, stream, type).position.transaction = 99;
  check_found(late);
  auto missing = sound;
  event_of(missing, stream, type).type = "nothing";
  check_found(missing);
}

} // namespace

SCENARIO("an effect in the log whose cause is missing, or was committed after it, is caught") {
  check_needed(delivered(), "ord_1", "order.placed", "stock.reserved");
  check_needed(delivered(), "ord_1", "order.placed", "payment.intent_recorded");
  for (const auto* product : {"prd_1", "prd_2"}) {
    check_needed(delivered(), product, "stock.reserved", "order.stock_reserved");
    check_needed(delivered(), product, "stock.committed", "order.completed");
    auto late = cancelled();
    event_of(late, product, "stock.released").position.transaction = 17;
    CHECK_EQ(check_causes(late).size(), 1u);
  }
  check_needed(delivered(), "pay_1", "payment.authorized", "order.payment_authorized");
  check_needed(delivered(), "ord_1", "order.confirmed", "delivery.requested");
  check_needed(delivered(), "dlv_1", "delivery.requested", "order.fulfillment_started");
  check_needed(delivered(), "dlv_1", "delivery.completed", "order.delivered");
  check_needed(delivered(), "ord_1", "order.delivered", "stock.committed");
  check_needed(delivered(), "ord_1", "order.delivered", "payment.captured");
  check_needed(delivered(), "pay_1", "payment.captured", "order.payment_captured");
  check_needed(cancelled(), "pay_1", "payment.voided", "order.compensated");
  check_needed(cancelled(), "prd_1", "stock.released", "order.compensated");
}

SCENARIO("what was never got need not be given back, and a step that is repeated counts from its first time") {
  auto stores = cancelled();
  std::erase_if(stores.events, [](const stored_event& event) {
    return event.stream == "prd_2" || event.type.starts_with("payment.") || event.type == "order.stock_reserved"
           || event.type == "order.payment_authorized";
  });
  CHECK(check_causes(stores).empty());
  auto repeated = delivered();
  repeated.events.push_back(logged("prd_1", 3, "stock.reserved", 40));
  CHECK(check_causes(repeated).empty());
}

SCENARIO("G4: a call of the provider that was not durable before, or never, is caught") {
  test::stored_contents provider;
  for (const auto& [key, transaction] : {std::pair{"pay_1/authorize", 12U}, std::pair{"pay_1/capture", 17U}})
    provider.events.push_back(logged(key, 1, "ledger.entry", transaction));
  const auto stores = delivered();
  CHECK(check_calls(stores, provider).empty());
  auto early = provider;
  early.events[1].position.transaction = 15;
  CHECK_EQ(check_calls(stores, early).size(), 1u);
  auto unknown = provider;
  unknown.events[1].stream = "pay_1/void";
  CHECK_EQ(check_calls(stores, unknown).size(), 1u);
}
