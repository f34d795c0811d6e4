#define CAF_SUITE actors.payment
#include "domain/base/errors.hpp"
#include "tests/actors/support/audit.hpp"

using namespace waybill;
using namespace waybill::test;
using namespace std::chrono_literals;

namespace {

/// A provider that follows the test's script and remembers its requests.
struct scripted {
  std::vector<provider_request> requests;
  std::vector<provider_lookup> lookups;
  std::function<std::optional<provider_answer>(const provider_request&)> on_request;
  std::function<std::optional<provider_answer>(const provider_lookup&)> on_lookup;
  std::vector<caf::typed_response_promise<provider_answer>> silent;
};

using scripted_provider_actor = payment_provider_actor::extend<
  // Answers all waiting callers now: approved.
  caf::result<void>(caf::tick_atom)>;

struct provider_state {
  static inline const char* name = "test.provider";
  provider_state(scripted_provider_actor::pointer self, scripted* script) : self_(self), script_(script) {}
  scripted_provider_actor::behavior_type make_behavior() {
    return {[this](provider_request& x) {
              script_->requests.push_back(x);
              return answer(script_->on_request(x));
            },
            [this](provider_lookup& x) {
              script_->lookups.push_back(x);
              return answer(script_->on_lookup(x));
            },
            [this](caf::tick_atom) {
              for (auto& promise : std::exchange(script_->silent, {}))
                promise.deliver(provider_answer{provider_outcome::approved, "ref", {}});
            }};
  }
  caf::result<provider_answer> answer(std::optional<provider_answer> reply) {
    auto promise = self_->make_response_promise<provider_answer>();
    if (reply)
      promise.deliver(*reply);
    else
      script_->silent.push_back(promise);
    return promise;
  }
  scripted_provider_actor::pointer self_;
  scripted* script_;
};

struct fixture : order_node {
  fixture() {
    script.on_request = [](const auto&) { return provider_answer{provider_outcome::approved, "ref", {}}; };
    script.on_lookup = [](const auto&) { return provider_answer{provider_outcome::not_found, {}, {}}; };
    open_own();
  }

  ~fixture() override { close_own(); }

  void open_own() {
    bank = sys.spawn<scripted_provider_actor::stateful_impl<provider_state>>(&script);
    own = spawn_payment_region(sys, services(), chosen().payments, bank);
    // The fixture's own region has none of them.
    caf::anon_send(payments, placement{2, "test", {}});
    caf::anon_send(own, placement{1, "test", {{"test", caf::actor_cast<caf::strong_actor_ptr>(own)}}});
  }

  void close_own() {
    caf::anon_send_exit(own, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(bank, caf::exit_reason::kill);
    consume_messages();
    // Only now, so that no actor is told of it.
    script.silent.clear();
    consume_messages();
  }

  void restart_own() {
    close_own();
    restart();
    open_own();
  }

  authorize_payment authorize() const { return {id, order, customer, {500, "EUR"}, "card", "tok_x", {}}; }

  report_payment_outcome report(provider_outcome outcome) const { return {id, key, {outcome, "ref", "no"}, {}}; }

  scripted script;
  scripted_provider_actor bank;
  payment_region_actor own;
  order_id order = make_id<order_id>();
  payment_id id = sibling_id<payment_id>(order);
  std::string key = id.value + "/authorize";
};

} // namespace

BEGIN_FIXTURE_SCOPE(fixture)

SCENARIO("G4: the intent is in the log before the provider is called") {
  // What the log held at each call, not only at the last: one that came too early must not be covered by a later one.
  std::vector<std::size_t> intents;
  script.on_request = [&](const provider_request&) {
    intents.push_back(count_of("payment.intent_recorded"));
    return provider_answer{provider_outcome::approved, "ref", {}};
  };
  CHECK_EQ(ask<payment::state>(own, authorize())->status, payment::status::authorized);
  CHECK_EQ(intents, (std::vector<std::size_t>{1}));
  CAF_REQUIRE(ask<payment::state>(own, capture_payment{id, {}}).has_value());
  CHECK_EQ(intents, (std::vector<std::size_t>{1, 2}));
}

SCENARIO("G4: the key stays the same over retries and restarts") {
  int calls = 0;
  script.on_request = [&](const provider_request&) -> std::optional<provider_answer> {
    if (++calls % 2 == 1)
      return provider_answer{provider_outcome::try_again, {}, "not well"};
    return std::nullopt;
  };
  send<payment::state>(own, authorize());
  run_to("two calls", [&] { return calls == 2; });
  restart_own();
  script.on_request = [](const auto&) { return provider_answer{provider_outcome::approved, "ref", {}}; };
  run_to("the end", [&] { return count_of("payment.authorized") == 1; });
  CHECK_EQ(count_of("payment.intent_recorded"), 1u);
  CHECK(script.requests.size() >= 3);
  for (const auto& request : script.requests)
    CHECK_EQ(request.key, key);
}

SCENARIO("G4: an outcome that is unknown is asked for by its key and the call is not repeated, after a restart too") {
  script.on_request = [](const auto&) { return std::nullopt; };
  auto answer = ask<payment::state>(own, authorize());
  CAF_REQUIRE(answer.has_value());
  CHECK(answer->under_way && answer->under_way->unknown);
  script.on_lookup = [](const auto&) { return provider_answer{provider_outcome::try_again, {}, "busy"}; };
  pass(20s);
  CHECK_EQ(script.requests.size(), 1u);
  restart_own();
  script.on_lookup = [](const auto&) { return provider_answer{provider_outcome::approved, "ref", {}}; };
  run_to("the end", [&] { return count_of("payment.authorized") == 1; });
  CHECK_EQ(script.requests.size(), 1u);
  CAF_REQUIRE(!script.lookups.empty());
  CHECK_EQ(script.lookups.back().key, key);
}

SCENARIO("an operation that the provider does not know is declined only after its key was closed there") {
  script.on_request = [](const auto&) { return std::nullopt; };
  bool closed = false;
  script.on_lookup = [&](const provider_lookup& lookup) {
    closed = closed || lookup.close;
    return lookup.close ? provider_answer{provider_outcome::declined, {}, "closed"}
                        : provider_answer{provider_outcome::not_found, {}, {}};
  };
  send<payment::state>(own, authorize());
  run_to("the end", [&] {
    CHECK(closed || count_of("payment.declined") == 0);
    return count_of("payment.declined") == 1;
  });
  CHECK_EQ(script.requests.size(), 1u);
  CHECK_EQ(script.lookups.size(), chosen().payments.lookups_until_closed);
}

SCENARIO("G4: a crash between the provider's call and its answer does not charge twice") {
  order_node world;
  const auto product = world.stock_up(5);
  const auto order = world.order_for({world.line_of(product, 1)});
  CAF_REQUIRE(world.ask<order_placed>(world.orders, order).has_value());
  world.run_to("the charge", [&] { return world.count_in(world.ledger, "ledger.authorize") == 1; });
  CHECK_EQ(world.count_of("payment.authorized"), 0u);
  world.restart();
  CHECK_EQ(world.rest_of(order.id).status, order::status::completed);
  CHECK_EQ(world.count_in(world.ledger, "ledger.authorize"), 1u);
  CHECK_EQ(world.count_in(world.ledger, "ledger.capture"), 1u);
  CHECK_EQ(auditor{world}.check(), std::vector<std::string>{});
}

SCENARIO("a capture that the provider refuses fails for good") {
  CAF_REQUIRE(ask<payment::state>(own, authorize()).has_value());
  script.on_request = [](const auto&) { return provider_answer{provider_outcome::declined, {}, "no"}; };
  const auto refused = ask<payment::state>(own, capture_payment{id, {}});
  CAF_REQUIRE(refused.has_error());
  CHECK_EQ(refused.error().code, ec::provider_refused);
}

SCENARIO("G3: doubled commands are carried out once") {
  auto first = send<payment::state>(own, authorize());
  auto second = send<payment::state>(own, authorize());
  run_to("both answers", [&] { return *first && *second; });
  CHECK_EQ(script.requests.size(), 1u);
  auto other = authorize();
  other.amount.amount = 7;
  CHECK_EQ(ask<payment::state>(own, other).error().code, ec::idempotency_key_reused);
}

// -- the provider's own word ------------------------------------------------------------------------------------------

SCENARIO("G3: a callback that comes before the answer to the call decides, and the answer changes nothing") {
  script.on_request = [](const auto&) { return std::nullopt; };
  auto answer = send<payment::state>(own, authorize());
  run_to("the call", [&] { return script.requests.size() == 1; });
  CHECK_EQ(ask<payment::state>(own, report(provider_outcome::approved))->status, payment::status::authorized);
  run_to("the answer to whoever asked", [&] { return answer->has_value(); });
  CHECK_EQ((*answer)->value().status, payment::status::authorized);
  caf::anon_send(bank, caf::tick_atom_v);
  pass(20s);
  CHECK_EQ(count_of("payment.authorized"), 1u);
  CHECK_EQ(count_of("payment.unknown"), 0u);
  CHECK_EQ(script.requests.size(), 1u);
  CHECK(script.lookups.empty());
}

SCENARIO("G3: a callback and the answer that come at the same moment are one outcome, in whatever order they run") {
  for (unsigned seed = 1; seed <= 40; ++seed) {
    order = make_id<order_id>();
    id = sibling_id<payment_id>(order);
    key = id.value + "/authorize";
    const auto before = count_of("payment.authorized");
    const auto calls = script.requests.size();
    script.on_request = [](const auto&) { return std::nullopt; };
    auto answer = send<payment::state>(own, authorize());
    run_to("the call", [&] { return script.requests.size() == calls + 1; });
    shuffled = true;
    random.seed(seed);
    auto said = send<payment::state>(own, report(provider_outcome::approved));
    caf::anon_send(bank, caf::tick_atom_v);
    auto again = send<payment::state>(own, report(provider_outcome::approved));
    run_to("all answers", [&] { return answer->has_value() && said->has_value() && again->has_value(); });
    shuffled = false;
    CHECK_EQ((*answer)->value().status, payment::status::authorized);
    CHECK_EQ((*said)->value().status, payment::status::authorized);
    CHECK_EQ((*again)->value().status, payment::status::authorized);
    CHECK_EQ(count_of("payment.authorized"), before + 1);
  }
}

SCENARIO("G3: a callback that comes twice, also after a restart, is recorded once") {
  script.on_request = [](const auto&) { return std::nullopt; };
  script.on_lookup = [](const auto&) { return provider_answer{provider_outcome::try_again, {}, "busy"}; };
  send<payment::state>(own, authorize());
  run_to("the time-out", [&] { return count_of("payment.unknown") == 1; });
  CHECK(ask<payment::state>(own, report(provider_outcome::approved)).has_value());
  CHECK(ask<payment::state>(own, report(provider_outcome::approved)).has_value());
  restart_own();
  CHECK_EQ(ask<payment::state>(own, report(provider_outcome::approved))->status, payment::status::authorized);
  CHECK_EQ(count_of("payment.authorized"), 1u);
  CHECK_EQ(script.requests.size(), 1u);
}

SCENARIO("G3: a late callback about one operation says nothing about the next") {
  CAF_REQUIRE(ask<payment::state>(own, authorize()).has_value());
  script.on_request = [](const auto&) { return std::nullopt; };
  send<payment::state>(own, capture_payment{id, {}});
  run_to("the capture's call", [&] { return script.requests.size() == 2; });
  CHECK_EQ(ask<payment::state>(own, report(provider_outcome::approved))->status, payment::status::capturing);
  CHECK_EQ(ask<payment::state>(own, report(provider_outcome::declined))->status, payment::status::capturing);
  CHECK_EQ(count_of("payment.captured"), 0u);
  key = id.value + "/capture";
  CHECK_EQ(ask<payment::state>(own, report(provider_outcome::approved))->status, payment::status::captured);
}

SCENARIO("a declining callback is the caller's answer, and later contradictions change nothing") {
  CAF_REQUIRE(ask<payment::state>(own, authorize()).has_value());
  script.on_request = [](const auto&) { return std::nullopt; };
  auto answer = send<payment::state>(own, capture_payment{id, {}});
  run_to("the capture's call", [&] { return script.requests.size() == 2; });
  key = id.value + "/capture";
  CHECK_EQ(ask<payment::state>(own, report(provider_outcome::declined))->status, payment::status::authorized);
  run_to("the answer to whoever asked", [&] { return answer->has_value(); });
  CAF_REQUIRE((*answer)->has_error());
  CHECK_EQ((*answer)->error().code, ec::provider_refused);
  CHECK_EQ(ask<payment::state>(own, report(provider_outcome::approved))->status, payment::status::authorized);
  CHECK_EQ(count_of("payment.captured"), 0u);
}

SCENARIO("a callback about a payment that nobody began is refused") {
  CHECK_EQ(ask<payment::state>(own, report(provider_outcome::approved)).error().code, ec::not_found);
  CHECK_EQ(count_of("payment.authorized"), 0u);
}

SCENARIO("a payment voided before it began refuses a late authorisation") {
  CHECK_EQ(ask<payment::state>(own, void_payment{id, {}})->status, payment::status::voided);
  CHECK_EQ(ask<payment::state>(own, authorize()).error().code, ec::illegal_transition);
  CHECK(script.requests.empty());
}

END_FIXTURE_SCOPE()
