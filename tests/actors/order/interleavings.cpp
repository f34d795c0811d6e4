#define CAF_SUITE actors.interleavings
#include "actors/support/backoff.hpp"
#include "domain/base/errors.hpp"
#include "domain/base/log.hpp"
#include "tests/actors/support/audit.hpp"

using namespace waybill;
using namespace waybill::test;
using namespace std::chrono_literals;

namespace {

/// One saga with all kinds of faults at once; the same seed gives the same run.
class story {
public:
  explicit story(std::uint32_t seed) {
    seed_jitter(seed);
    shop_.random.seed(seed);
    shop_.random.discard(10);
    shop_.shuffled = true;
  }

  /// The violations at the end.
  std::vector<std::string> play() {
    const auto product = shop_.stock_up(3, "one");
    const auto other = shop_.stock_up(chance(8) ? 1 : 5, "other");
    disturb();
    const auto order = shop_.order_for({shop_.line_of(product, 1), shop_.line_of(other, 2), shop_.line_of(product, 1)},
                                       pick(tokens), pick(addresses));
    id_ = order.id;
    shop_.send<order_placed>(shop_.orders, order);
    if (chance(4))
      shop_.send<order_placed>(shop_.orders, order);
    // An operator who repeats the same commands, in every status of the order.
    const bool interferes = chance(4);
    const bool cancels = chance(3);
    // A customer who changes the order again and again, from the beginning on.
    const bool changes = chance(3);
    if (changes && chance(2))
      shop_.send<order::state>(shop_.orders, hold_order{order.id, "looks odd", 0, {}, of_everything()});
    const auto cancel_at = shop_.random() % 150;
    auto crashes = chance(2) ? shop_.random() % 3 : 0;
    for (unsigned step = 0; step < 400 && !at_rest(); ++step) {
      if (cancels && step == cancel_at)
        shop_.send<order::state>(shop_.orders, cancel_order{order.id, "changed my mind", 0, {}, of_everything()});
      if (interferes && chance(20))
        interfere();
      if (changes && chance(25))
        change(product, other);
      if (crashes > 0 && chance(60)) {
        --crashes;
        shop_.restart();
        disturb();
        // A caller without an answer asks again.
        shop_.send<order_placed>(shop_.orders, order);
      }
      if (!shop_.consume_message())
        shop_.trigger_timeout();
    }
    return finish();
  }

private:
  bool chance(unsigned one_in) { return shop_.random() % one_in == 0; }

  std::string pick(const std::vector<std::string>& from) { return from[shop_.random() % from.size()]; }

  bool at_rest() const { return order::is_at_rest(shop_.stored<order::state>(id_.value).status); }

  /// An operator's word, as often as not about an order that needs none.
  void interfere() {
    if (chance(2)) {
      shop_.send<order::state>(shop_.orders,
                               retry_order{id_, std::to_string(shop_.random() % 4), "again", 0, {}, of_everything()});
    } else {
      const auto outcome = chance(2) ? order::status::completed : order::status::cancelled;
      shop_.send<order::state>(shop_.orders, resolve_order{id_, outcome, "settled by hand", 0, {}, of_everything()});
    }
  }

  /// An action that is possible before the dispatch.
  void change(const product_id& product, const product_id& other) {
    switch (shop_.random() % 5) {
      case 0: shop_.send<order::state>(shop_.orders, hold_order{id_, "looks odd", 0, {}, of_everything()}); break;
      case 1: shop_.send<order::state>(shop_.orders, release_order{id_, "looks well", 0, {}, of_everything()}); break;
      case 2:
        shop_.send<order::state>(shop_.orders,
                                 change_order{id_, "", {}, "ring " + pick(tokens), {}, 0, {}, of_everything()});
        break;
      default: {
        const std::vector lines{shop_.line_of(product, 1 + static_cast<std::int64_t>(shop_.random() % 2)),
                                shop_.line_of(other, 1 + static_cast<std::int64_t>(shop_.random() % 3))};
        shop_.send<order::state>(
          shop_.orders, change_order{id_, std::to_string(shop_.random() % 4), {}, {}, lines, 0, {}, of_everything()});
      }
    }
  }

  /// A completed order gives some of its money back, in parts, one of which is asked for twice.
  std::string refund() {
    if (shop_.stored<order::state>(id_.value).captured.is_zero())
      return {};
    for (const char* which : {"one", "two", "one", "three"}) {
      const auto id = derive_id<refund_id>(which);
      const std::optional<money> amount{{which[1] == 'n' ? 700 : 500, "EUR"}};
      shop_.send<refund_accepted>(shop_.orders, refund_order{id_, id, amount, "broken", 0, {}, of_everything()});
      for (auto step = shop_.random() % 30; step > 0; --step)
        if (!shop_.consume_message())
          shop_.trigger_timeout();
      if (chance(4)) {
        shop_.restart();
        disturb();
      }
    }
    const auto limit = shop_.time() + 2h;
    const auto is_over = [&] { return !order::has_work(shop_.stored<order::state>(id_.value)); };
    shop_.run_to("the refunds' end", [&] { return is_over() || shop_.time() > limit; });
    return is_over() ? std::string{} : "G7 a refund never came to its end";
  }

  template <entity_kind Kind>
  bool is_quiet() const {
    return shop_.database.open_query()->run(list_due{Kind, {}, timestamp::max(), {}, 1, false})->entities.empty();
  }

  /// The network works again, and all that is under way ends.
  std::vector<std::string> finish() {
    healed_ = true;
    const auto limit = shop_.time() + 2h;
    shop_.run_to("the order's end", [&] { return at_rest() || shop_.time() > limit; });
    if (!at_rest())
      return {"G7 the order never came to rest"};
    if (auto broken = end_by_hand(); !broken.empty())
      return {broken};
    if (auto broken = refund(); !broken.empty())
      return {broken};
    // A refund that is asked for last may still be on its way when those before it are done.
    shop_.run_to("the end of everything", [&] {
      const bool quiet =
        is_quiet<entity_kind::order>() && is_quiet<entity_kind::payment>() && is_quiet<entity_kind::delivery>();
      return (quiet && shop_.sched.jobs.empty()) || shop_.time() > limit;
    });
    return auditor{shop_}.check();
  }

  /// A resolution from before the network healed may still wait for an answer that was lost: then again a little later.
  template <class Command>
  bool say(const Command& command) {
    constexpr int attempts = 5;
    for (int i = 0; i < attempts; ++i) {
      const auto answer = shop_.ask<order::state>(shop_.orders, command);
      if (answer || answer.error().code != ec::conflict)
        return answer.has_value();
      shop_.pass(std::chrono::seconds{5});
    }
    return false;
  }

  /// In a network that works an operator can end every order that is stuck.
  std::string end_by_hand() {
    const auto status = [this] { return shop_.stored<order::state>(id_.value).status; };
    if (status() != order::status::needs_attention)
      return {};
    say(retry_order{id_, "last", "again", 0, {}, of_everything()});
    shop_.run_to("the retried order's rest", [&] { return at_rest(); });
    if (status() != order::status::needs_attention)
      return {};
    // Somebody may carry the goods: what is on the way cannot be called back.
    const auto limit = shop_.time() + 2h;
    shop_.run_to("the delivery's end", [&] { return is_quiet<entity_kind::delivery>() || shop_.time() > limit; });
    for (const auto outcome : {order::status::cancelled, order::status::completed})
      if (say(resolve_order{id_, outcome, "settled by hand", 0, {}, of_everything()}))
        break;
    return order::is_final(status()) ? std::string{} : "G7 no outcome ends " + encode(shop_.order_of(id_));
  }

  /// Puts something in between all entities that drops, doubles and delays.
  void disturb() {
    auto detour = [this](const caf::strong_actor_ptr& to) {
      shop_.detours.push_back(spawn_detour(shop_.sys, to, [this](const caf::message&) { return choose(); }));
      return caf::actor_cast<caf::strong_actor_ptr>(shop_.detours.back());
    };
    const auto direct = shop_.direct();
    shop_.connect({detour(direct.orders), detour(direct.products), detour(direct.payments), detour(direct.deliveries)});
    while (shop_.consume_message())
      ;
  }

  fate choose() {
    fate chosen;
    if (healed_)
      return chosen;
    switch (shop_.random() % 16) {
      case 0: chosen.delivered = false; break;
      case 1: chosen.mute = true; break;
      case 2:
      case 3: chosen.copies = 2; break;
      case 4: chosen.delay = std::chrono::milliseconds{shop_.random() % 3'000}; break;
      case 5:
        chosen.copies = 3;
        chosen.delay = std::chrono::milliseconds{shop_.random() % 100};
        break;
      default: break;
    }
    return chosen;
  }

  const std::vector<std::string> tokens{
    "tok_ok",      "tok_ok",   "tok_ok",    "tok_declined",     "tok_timeout_charged",
    "tok_timeout", "tok_late", "tok_flaky", "tok_capture_fails"};
  const std::vector<std::string> addresses{
    "Main Street 1", "Main Street 1 [couriers: decline, complete]", "Main Street 1 [couriers: abort, vanish, complete]",
    "Main Street 1 [couriers: hold, complete]", "Main Street 1 [couriers: decline]"};
  /// Nobody waits for the end of a hold that is of the usual length.
  static order_node::options with_short_holds() {
    order_node::options chosen;
    chosen.orders.limits.hold = 2min;
    return chosen;
  }

  order_node shop_{with_short_holds()};
  order_id id_;
  bool healed_ = false;
};

} // namespace

SCENARIO("a thousand sagas with lost, doubled and late messages and crashes all end, each effect once") {
  set_log_level(log_level::off);
  for (std::uint32_t seed = 1; seed <= 1'000; ++seed) {
    const auto broken = story{seed}.play();
    if (!broken.empty())
      CAF_FAIL("seed " << seed << ": " << broken);
  }
  set_log_level(log_level::info);
}
