#pragma once

#include "domain/base/errors.hpp"
#include "tests/actors/support/audit.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace waybill::test {

/// A node of whose deliveries some or all go to real couriers. Nothing that the auditor looks for is left at the end.
struct courier_node : order_node {
  explicit courier_node(options chosen) : order_node(std::move(chosen)) {}
  ~courier_node() override { CHECK_EQ(auditor{*this}.check(), std::vector<std::string>{}); }

  courier_id hire(const std::string& name, std::uint32_t capacity = 1, bool online = true) {
    const auto user = derive_id<user_id>(name);
    const auto id = sibling_id<courier_id>(user);
    CAF_REQUIRE(ask<courier::state>(couriers, add_courier{{id, user, name, capacity}, {}}).has_value());
    if (online)
      go(id, true);
    return id;
  }

  void go(const courier_id& courier, bool online) {
    change_courier wanted;
    wanted.id = courier;
    wanted.change.online = online;
    wanted.on_behalf = {false, courier};
    CAF_REQUIRE(ask<courier::state>(couriers, wanted).has_value());
  }

  void change_capacity(const courier_id& courier, std::uint32_t capacity) {
    change_courier wanted;
    wanted.id = courier;
    wanted.change.capacity = capacity;
    wanted.on_behalf = {true, {}};
    CAF_REQUIRE(ask<courier::state>(couriers, wanted).has_value());
  }

  delivery_id request() {
    const auto order = make_id<order_id>();
    const auto id = sibling_id<delivery_id>(order);
    CAF_REQUIRE(
      ask<delivery::state>(deliveries, request_delivery{id, order, customer, "Ada", "Main Street 1", {}}).has_value());
    return id;
  }

  delivery::state state_of(const delivery_id& id) { return ask<delivery::state>(deliveries, get_delivery{id}).value(); }

  courier::state state_of(const courier_id& id) {
    return ask<courier::state>(couriers, get_courier{id, {true, {}}}).value();
  }

  std::size_t places_of(const courier_id& id) { return state_of(id).assignments.size(); }

  /// Runs until the delivery was offered `attempt` times, and says to whom last.
  courier_id await_offer(const delivery_id& id, std::uint32_t attempt = 1) {
    run_to("an offer", [&] { return offers_of(id) == attempt; });
    return state_of(id).courier;
  }

  std::size_t offers_of(const delivery_id& id) const {
    const auto types = types_of(id.value);
    return static_cast<std::size_t>(std::count(types.begin(), types.end(), "delivery.offered"));
  }

  static act_on_delivery word_of(const courier_id& courier, const delivery_id& job, courier_word word,
                                 std::uint32_t attempt = 0) {
    act_on_delivery said;
    said.id = job;
    said.word = word;
    said.attempt = attempt;
    said.on_behalf = {courier.empty(), courier};
    said.origin.by_kind = courier.empty() ? "operator" : "courier";
    said.origin.by_id = courier.empty() ? "usr_boss" : courier.value;
    return said;
  }

  /// The result: `ok`, or the word for the failure.
  std::string say(const courier_id& courier, const delivery_id& job, courier_word word, std::uint32_t attempt = 0) {
    const auto answer = ask<delivery::state>(deliveries, word_of(courier, job, word, attempt));
    return answer ? "ok" : std::string{to_string(answer.error().code)};
  }

  using enum courier_word;
};

} // namespace waybill::test
