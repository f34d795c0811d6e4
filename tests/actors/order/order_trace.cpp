#include "actors/order/order_trace.hpp"

#include "actors/entity/trace/append_trace.hpp"
#include "domain/json/codec.hpp"

#include <algorithm>
#include <map>
#include <set>

#define CAF_SUITE actors.order_trace
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace std::chrono_literals;

namespace {

const std::string given = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// An order whose events are written by an entity that follows its trace.
struct fixture {
  /// Appends `events`, a second after the one before, and returns the steps that end with it.
  std::vector<tracing::span> write(const std::vector<order::event>& events, const std::string& causation,
                                   const std::string& traceparent = given) {
    at += 1s;
    append request;
    request.stream = "ord_1";
    request.expected_version = state.version;
    request.at = at;
    request.origin.traceparent = state.version == 0 ? traceparent : trace.traceparent();
    request.origin.causation_id = causation;
    for (const auto& event : events) {
      apply(state, event, at);
      const auto encoded = encode_event(event);
      request.events.push_back({std::string{encoded.type}, encoded.schema, encoded.data});
      stored_event kept;
      kept.stream = request.stream;
      kept.version = state.version;
      kept.type = encoded.type;
      kept.schema = encoded.schema;
      kept.at = at;
      kept.origin = request.origin;
      kept.data = encoded.data;
      log.push_back(kept);
    }
    auto steps = trace.follow(request, state);
    for (const auto& span : steps)
      all[span.id] = span;
    if (const auto own = begin_span(request))
      all[own->id] = *own;
    return steps;
  }

  void place(const std::string& traceparent = given) {
    order::placed event;
    event.order = order_id{"ord_1"};
    event.total = {100, "EUR"};
    event.payment.method = "card";
    event.step_by = at + 1h;
    CHECK(write({event}, "", traceparent).empty());
  }

  void reserve() { ended = write({order::stock_reserved{at + 1h}}, "ord_1/reserve_stock"); }
  void authorize() {
    ended = write({order::payment_authorized{{100, "EUR"}}, order::confirmed{at + 1h}}, "ord_1/authorize_payment");
  }

  static std::vector<std::string> names_of(const std::vector<tracing::span>& spans) {
    std::vector<std::string> names;
    for (const auto& span : spans)
      names.push_back(span.name);
    return names;
  }

  timestamp at{std::chrono::hours{24 * 365 * 50}};
  order::state state;
  order_trace trace;
  std::vector<stored_event> log;
  std::map<tracing::span_id, tracing::span> all;
  std::vector<tracing::span> ended;
};

} // namespace

BEGIN_FIXTURE_SCOPE(fixture)

SCENARIO("a step's span lasts from the append that made the step due to the append that ended it") {
  place();
  CHECK(trace.is_on());
  reserve();
  REQUIRE_EQ(names_of(ended), std::vector<std::string>{"reserve_stock"});
  CHECK(ended[0].begun == at - 1s);
  authorize();
  REQUIRE_EQ(names_of(ended), std::vector<std::string>{"authorize_payment"});
  CHECK(!ended[0].failed);
  ended = write({order::fulfillment_started{delivery_id{"dlv_1"}, at + 1h}}, "ord_1/request_delivery");
  CHECK_EQ(names_of(ended), std::vector<std::string>{"request_delivery"});
  ended = write({order::delivered{courier_id{"cur_1"}, at + 1h}}, "dlv_1");
  CHECK_EQ(names_of(ended), std::vector<std::string>{"await_delivery"});
  ended = write({order::payment_captured{{100, "EUR"}}, order::completed{}}, "ord_1/settle");
  CHECK_EQ(names_of(ended), (std::vector<std::string>{"capture_payment", "commit_stock"}));
}

SCENARIO("spans of steps and later appends are children of the first append; requests are children of their step") {
  place();
  const auto first = *tracing::parse_traceparent(trace.traceparent());
  CHECK_EQ(first.span, span_of_append(first.trace, "ord_1", 1));
  CHECK_EQ(tracing::to_traceparent({first.trace, all.at(first.span).parent, true}), given);
  const auto asked = *tracing::parse_traceparent(trace.traceparent_of(order::step::reserve_stock));
  reserve();
  CHECK_EQ(ended.at(0).id, asked.span);
  CHECK_EQ(ended.at(0).parent, first.span);
  authorize();
  for (const auto& [id, span] : all)
    CHECK(id == first.span || span.parent == first.span);
}

SCENARIO("a new owner of the order continues the same spans, and knows those that may not have been sent") {
  place();
  reserve();
  order_trace successor;
  const auto past = successor.restore(log, "postgresql");
  CHECK_EQ(past.size(), all.size());
  for (const auto& span : past) {
    REQUIRE(all.contains(span.id));
    CHECK_EQ(span.name, all.at(span.id).name);
    CHECK_EQ(span.parent, all.at(span.id).parent);
    CHECK(span.begun == all.at(span.id).begun);
    REQUIRE_EQ(span.events.size(), 1u);
    CHECK_EQ(span.events[0].name, "commit");
  }
  const auto open = order::step::authorize_payment;
  CHECK_EQ(successor.traceparent_of(open), trace.traceparent_of(open));
  trace = successor;
  authorize();
  REQUIRE_EQ(names_of(ended), std::vector<std::string>{"authorize_payment"});
  CHECK(ended[0].begun == at - 1s);
}

SCENARIO("events of one append are one commit in restored spans too") {
  place();
  reserve();
  authorize();
  const auto past = order_trace{}.restore(log, "postgresql");
  const auto confirmed = std::find_if(
    past.begin(), past.end(), [](const tracing::span& span) { return span.name == "order.payment_authorized"; });
  REQUIRE(confirmed != past.end());
  CHECK_EQ(std::get<std::int64_t>(confirmed->events.at(0).attributes.back().value), 2);
  CHECK_EQ(past.size(), all.size());
}

SCENARIO("a step that is refused has failed") {
  place();
  ended = write({order::stock_rejected{product_id{"prd_1"}, 2, 1, at + 1h}}, "ord_1/reserve_stock");
  REQUIRE_EQ(names_of(ended), std::vector<std::string>{"reserve_stock"});
  CHECK(ended[0].failed);
  CHECK_EQ(ended[0].failure, "order.stock_rejected");
}

SCENARIO("an order that is not sampled has no spans and no traceparent") {
  auto quiet = given;
  quiet.back() = '0';
  for (const auto& traceparent : {quiet, std::string{}}) {
    *this = {};
    place(traceparent);
    CHECK(!trace.is_on());
    reserve();
    CHECK(all.empty());
    CHECK_EQ(trace.traceparent_of(order::step::authorize_payment), "");
    CHECK(order_trace{}.restore(log, "postgresql").empty());
  }
}

END_FIXTURE_SCOPE()
