#include "nodes/membership/membership.hpp"

#include "domain/base/errors.hpp"
#include "domain/base/log.hpp"
#include "nodes/process/log.hpp"

#include <caf/actor_system.hpp>
#include <caf/spawn_options.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/telemetry/gauge.hpp>
#include <caf/telemetry/metric_registry.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <optional>

namespace waybill {

namespace {

struct membership_state {
  static inline const char* name = "waybill.membership";

  membership_state(membership_actor::pointer ptr, std::shared_ptr<membership_table> shared_table,
                   const membership_settings& options, node_entry entry, membership_observer_actor told,
                   std::function<void()> evicted)
    : self(ptr), table(std::move(shared_table)), settings(options), me(std::move(entry)), observer(std::move(told)),
      on_evicted(std::move(evicted)),
      clock_ahead(ptr->system().metrics().gauge_singleton<double>(
        "waybill", "clock-ahead", "How far the clock of this machine is ahead of the database's.", "seconds")) {}

  membership_actor::behavior_type make_behavior() {
    self->send(self, caf::tick_atom_v);
    return {
      [this](caf::tick_atom) { static_cast<void>(round()); },
      [this](membership_changed) { return to_result(round()); },
      [this](caf::put_atom, node_state state, std::uint64_t incarnation) {
        return to_result(put_state(state, incarnation));
      },
      [this](caf::put_atom, const std::set<std::string>& suspects) {
        me.suspects.assign(suspects.begin(), suspects.end());
        return to_result(round());
      },
      [this](caf::reset_atom, const std::string& reason) { return to_result(start_over(reason)); },
      [this](caf::leave_atom) { return leave(); },
    };
  }

  static caf::result<void> to_result(const result<void>& outcome) {
    if (outcome.has_error())
      return caf::make_error(outcome.error().code, outcome.error().detail);
    return caf::unit;
  }

  /// Keeps the lease, looks at the table, tells what it saw.
  result<void> round() {
    const auto start = self->clock().now();
    auto kept = keep_lease();
    if (ended)
      return kept;
    if (kept.has_error()) {
      if (const auto again = failures.report("keep"))
        log_warning("node {} cannot keep its lease: {}{}", me.node, kept.error().detail, *again);
      again_after(settings.renewal / 2);
      return kept;
    }
    auto seen = table->look();
    if (seen.has_error()) {
      again_after(settings.renewal / 2);
      return seen.error();
    }
    if (failures.forget("keep"))
      log_info("node {} keeps its lease again", me.node);
    if (auto wrong = check_clock(seen->clock_ahead); wrong.has_error()) {
      again_after(settings.renewal);
      return wrong;
    }
    self->send(observer, caf::update_atom_v, node_list{std::move(seen->nodes)}, me.incarnation, to_reading(start));
    // As soon as a lease ends, so that nobody waits for the entities of a dead node for longer than it takes.
    constexpr milliseconds after_the_end{10};
    again_after(std::min(settings.renewal, seen->first_lease_ends_in + after_the_end));
    return {};
  }

  /// What the observer decided for a former incarnation does not hold for this one, of which it has not heard yet.
  result<void> put_state(node_state state, std::uint64_t incarnation) {
    if (!joined || incarnation != me.incarnation)
      return failure{ec::conflict, "this node has lost the lease for which it says so"};
    me.state = state;
    return round();
  }

  /// A wake-up that was set earlier is forgotten.
  void again_after(milliseconds pause) {
    self->run_delayed(pause, [this, turn = ++turns] {
      if (turn == turns && !ended)
        static_cast<void>(round());
    });
  }

  result<void> keep_lease() {
    if (!joined)
      return join_again();
    auto renewed = announced ? table->renew(me) : announce();
    // Whether another process has the name, only joining again tells: the lease may just have run out.
    if (renewed.has_error() && renewed.error().code == ec::conflict) {
      fence(renewed.error().detail);
      return join_again();
    }
    return renewed;
  }

  void fence(const std::string& reason) {
    joined = announced = false;
    caf::anon_send(observer, caf::reset_atom_v, reason);
  }

  result<void> start_over(const std::string& reason) {
    if (ended)
      return {};
    if (joined)
      abandoned = me.incarnation;
    // The table may be of an earlier time, when this node had a lease under another number.
    expect_own_lease();
    fence(reason);
    return round();
  }

  /// A lease of this node's name may be its own for a while: of a join whose answer was lost, or of a database that was
  /// put back.
  void expect_own_lease() { leased_until = self->clock().now() + 2 * settings.lease; }

  result<void> join_again() {
    if (abandoned) {
      if (auto left = table->leave(me.node, *abandoned); left.has_error())
        return left.error();
      abandoned.reset();
    }
    auto number = table->join(me.node);
    if (number.has_error()) {
      if (number.error().code == ec::unavailable)
        expect_own_lease();
      else if (number.error().code == ec::conflict && self->clock().now() >= leased_until)
        evict(number.error().detail);
      return number.error();
    }
    me.incarnation = *number;
    me.state = node_state::joining;
    me.suspects.clear();
    joined = true;
    log_info("node {} joins again as incarnation {}", me.node, me.incarnation);
    return announce();
  }

  result<void> announce() {
    auto outcome = table->announce(me);
    if (outcome.has_error() && outcome.error().code != ec::unavailable && outcome.error().code != ec::conflict)
      evict(outcome.error().detail);
    announced = outcome.has_value();
    return outcome;
  }

  /// Timers and deadlines go by this machine's clock: with a wrong one they would fire hours too early. The lease does
  /// not, so that the others are safe from it.
  result<void> check_clock(milliseconds ahead) {
    clock_ahead->value(std::chrono::duration<double>{ahead}.count());
    if (abs(ahead) < settings.clock_warning) {
      failures.forget("clock");
      return {};
    }
    const auto text = "the clock of this machine is " + describe_clock_offset(ahead) + " the database's: set it right";
    if (const auto again = failures.report("clock"))
      log_warning("node {}: {}{}", me.node, text, *again);
    if (abs(ahead) <= settings.clock_limit)
      return {};
    fence(text);
    static_cast<void>(table->leave(me.node, me.incarnation));
    return failure{ec::invalid_argument, text};
  }

  /// Another process is this node now, or this one cannot be part of the cluster: it may no longer serve what it holds.
  void evict(const std::string& reason) {
    log_error("node {} was evicted from the cluster and ends: {}", me.node, reason);
    caf::anon_send(observer, caf::reset_atom_v, reason);
    ended = true;
    joined = announced = false;
    on_evicted();
    self->quit();
  }

  caf::result<void> leave() {
    ended = true;
    const auto left = table->leave(me.node, me.incarnation);
    self->quit();
    return to_result(left);
  }

  membership_actor::pointer self;
  std::shared_ptr<membership_table> table;
  membership_settings settings;
  node_entry me;
  membership_observer_actor observer;
  std::function<void()> on_evicted;
  caf::telemetry::dbl_gauge* clock_ahead;
  failure_log failures;
  /// The incarnation whose lease is to be given back before this node joins again.
  std::optional<std::uint64_t> abandoned;
  /// Until then a lease of this node's name may be its own.
  caf::actor_clock::time_point leased_until{};
  bool joined = true;
  bool announced = true;
  bool ended = false;
  std::uint64_t turns = 0;
};

using membership_impl = membership_actor::stateful_impl<membership_state>;

} // namespace

membership_actor spawn_membership(caf::actor_system& sys, std::shared_ptr<membership_table> table,
                                  const membership_settings& settings, node_entry self,
                                  membership_observer_actor observer, std::function<void()> on_evicted) {
  return sys.spawn<membership_impl, caf::detached>(std::move(table), settings, std::move(self), std::move(observer),
                                                   std::move(on_evicted));
}

membership_actor spawn_undetached_membership(caf::actor_system& sys, std::shared_ptr<membership_table> table,
                                             const membership_settings& settings, node_entry self,
                                             membership_observer_actor observer, std::function<void()> on_evicted) {
  return sys.spawn<membership_impl>(std::move(table), settings, std::move(self), std::move(observer),
                                    std::move(on_evicted));
}

} // namespace waybill
