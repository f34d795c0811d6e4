#include "messages/functions/order_guards.hpp"
#include "domain/base/errors.hpp"
#include "tests/gateway/support/support.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>
#include <caf/typed_response_promise.hpp>

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#define CAF_SUITE gateway.order_guards
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

// What guards say, and what becomes of the order. That they are kept true: tests/actors/functions/guard_keeper.cpp.

namespace {

/// What the functions answer by their names, and what they were asked.
struct script {
  std::mutex mutex;
  std::map<std::string, function_ran> answers;
  /// These answer never.
  std::vector<std::string> silent;
  std::vector<invoke_function> calls;
};
using script_ptr = std::shared_ptr<script>;

function_actor::behavior_type scripted(function_actor::pointer self, script_ptr s) {
  return {[](resume_entity&) {},
          [](wake_up&) {},
          [](retire_entity&) {},
          [](describe_entity&) { return entity_description{}; },
          [](put_function&) { return function_saved{}; },
          [](get_function&) { return function_view{}; },
          [](roll_back_function&) { return function_view{}; },
          [](remove_function&) {},
          [self, s, open = std::make_shared<std::vector<caf::typed_response_promise<function_ran>>>()](
            invoke_function& x) -> caf::result<function_ran> {
            const std::lock_guard guard{s->mutex};
            s->calls.push_back(x);
            const auto name = x.id.value.substr(function_id::prefix().size());
            if (std::ranges::find(s->silent, name) != s->silent.end()) {
              open->push_back(self->make_response_promise<function_ran>());
              return open->back();
            }
            const auto known = s->answers.find(name);
            if (known == s->answers.end())
              return caf::make_error(ec::not_found, std::string{"there is none"});
            return known->second;
          }};
}

struct scene {
  scene()
    : gateway{[](gateway_config& config) { config.guard_timeout = milliseconds{200}; },
              [this](gateway_services& services) {
                services.functions = services.orders->home_system().spawn(scripted, told);
                services.guards = board;
                actor = caf::actor_cast<caf::actor>(services.functions);
              }} {
    board->replace({});
    product = gateway.add_product();
  }
  ~scene() { caf::anon_send_exit(std::exchange(actor, nullptr), caf::exit_reason::kill); }

  /// A guard that answers this.
  void guard(const std::string& name, const std::string& result,
             function::guard_failure on_failure = function::guard_failure::refuse) {
    guards.push_back({name, on_failure});
    told->answers[name] = {result, {}};
    board->replace(guards);
  }

  answer order(const header_list& headers = {}) {
    return gateway.send("POST", "/v1/orders", order_body(product, 3), headers);
  }

  script_ptr told = std::make_shared<script>();
  std::shared_ptr<order_guards> board = std::make_shared<order_guards>();
  std::vector<order_guard> guards;
  caf::actor actor;
  fixture gateway;
  product_id product;
};

} // namespace

SCENARIO("without guards nobody is asked") {
  scene s;
  CHECK_EQ(s.order().status, 201u);
  CHECK(s.told->calls.empty());
}

SCENARIO("a guard that refuses says why, and nothing is placed") {
  scene s;
  s.guard("fine", "null");
  s.guard("limit", R"({"refuse":"Please order less."})");
  const auto refused = s.order();
  CHECK_EQ(refused.status, 422u);
  CHECK_EQ(refused.text("code"), "order_refused");
  CHECK_EQ(refused.text("detail"), "Please order less.");
  CHECK_EQ(refused.text("function"), "limit");
  CHECK(s.gateway.state->orders.empty());
  REQUIRE_EQ(s.told->calls.size(), 2u);
  CHECK(s.told->calls[0].within == milliseconds{200});
  CHECK_EQ(s.told->calls[0].id.value, "fun_fine");
  const auto& input = s.told->calls[0].input;
  for (const auto* part : {R"({"order":{"customer_id":"cus_)", R"("quantity":3)", R"("total":{"amount":1500,)",
                           R"("payment":{"method":"card"})", R"("delivery":{"name":)", R"("note":"")"})
    CHECK_NE(input.find(part), std::string::npos);
  CHECK_EQ(input.find("tok_ok"), std::string::npos);
}

SCENARIO("what guards note is part of the order, and the later one counts") {
  scene s;
  s.guard("a", R"({"metadata":{"tier":"silver","shop":"7"}})");
  s.guard("b", "true");
  s.guard("c", R"({"metadata":{"tier":"gold"}})");
  const auto made = s.order();
  CHECK_EQ(made.status, 201u);
  const auto order = made.json();
  const auto& noted = order.at("metadata").as_object();
  CHECK_EQ(noted.size(), 2u);
  CHECK_EQ(noted.at("tier").as_string(), "gold");
  CHECK_EQ(noted.at("shop").as_string(), "7");
  const auto shown = s.gateway.send("GET", made.header("Location"));
  CHECK_EQ(shown.json().at("metadata").at("tier").as_string(), "gold");
}

SCENARIO("when a guard fails its order goes the way that was chosen") {
  for (const auto& wrong : {function_ran{{}, function_error{"raised", "oh", 1}}, function_ran{"7", {}}}) {
    scene closed;
    closed.guard("g", "null");
    closed.told->answers["g"] = wrong;
    const auto refused = closed.order();
    CHECK_EQ(refused.status, 422u);
    CHECK_EQ(refused.text("code"), "order_refused");
    CHECK_EQ(refused.text("function"), "g");
    CHECK_EQ(refused.body.find("oh"), std::string::npos);
    scene open;
    open.guard("g", "null", function::guard_failure::allow);
    open.told->answers["g"] = wrong;
    CHECK_EQ(open.order().status, 201u);
  }
}

SCENARIO("a guard that does not answer in time is not waited for") {
  scene closed;
  closed.guard("g", "null");
  closed.told->silent = {"g"};
  const auto began = std::chrono::steady_clock::now();
  const auto refused = closed.order();
  CHECK_EQ(refused.status, 503u);
  CHECK_EQ(refused.text("code"), "unavailable");
  CHECK_EQ(refused.header("Retry-After"), "1");
  CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds{30});
  CHECK(closed.gateway.state->orders.empty());
  scene open;
  open.guard("g", "null", function::guard_failure::allow);
  open.told->silent = {"g"};
  CHECK_EQ(open.order().status, 201u);
}

SCENARIO("a guard whose call took too long is one that did not answer in time") {
  scene s;
  s.guard("g", "null");
  s.told->answers["g"] = {{}, function_error{"time", "it takes too long", 1}};
  CHECK_EQ(s.order().status, 503u);
}

SCENARIO("a guard that was removed a moment ago has nothing to say") {
  scene s;
  s.guard("g", "null");
  s.told->answers.clear();
  CHECK_EQ(s.order().status, 201u);
}

SCENARIO("an order that was accepted is not judged again") {
  scene s;
  s.guard("g", R"({"metadata":{"a":"1"}})");
  const auto first = s.order({{"Idempotency-Key", "k"}});
  CHECK_EQ(first.status, 201u);
  s.told->answers["g"] = {R"({"refuse":"closed"})", {}};
  const auto again = s.order({{"Idempotency-Key", "k"}});
  CHECK_EQ(again.status, 201u);
  CHECK_EQ(again.body, first.body);
  CHECK_EQ(again.header("Idempotent-Replayed"), "true");
  CHECK_EQ(s.told->calls.size(), 1u);
  CHECK_EQ(s.order({{"Idempotency-Key", "other"}}).status, 422u);
  CHECK_EQ(s.order({{"Idempotency-Key", "other"}}).text("detail"), "closed");
  const auto reused = s.gateway.send("POST", "/v1/orders", order_body(s.product, 1), {{"Idempotency-Key", "k"}});
  CHECK_EQ(reused.text("code"), "idempotency_key_reused");
}

SCENARIO("no order is placed while the guards are not known") {
  fixture unknowing{{}, [](gateway_services& services) { services.guards = std::make_shared<order_guards>(); }};
  const auto product = unknowing.add_product();
  const auto refused = unknowing.send("POST", "/v1/orders", order_body(product, 1));
  CHECK_EQ(refused.status, 503u);
  CHECK(unknowing.state->orders.empty());
  // So nobody is led to this node yet.
  const auto readiness = unknowing.send("GET", "/readyz");
  CHECK_EQ(readiness.status, 503u);
  CHECK(readiness.body.find("which functions judge orders") != std::string::npos);
}
