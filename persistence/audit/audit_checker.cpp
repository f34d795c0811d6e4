#include "persistence/audit/audit_checker.hpp"

#include "persistence/queries/to_answer.hpp"

#include <caf/actor_system.hpp>
#include <caf/telemetry/metric_registry.hpp>
#include <caf/typed_event_based_actor.hpp>

namespace waybill {

audit_checker_state::audit_checker_state(audit_checker_actor::pointer self, const store_config& store,
                                         std::optional<store_config> ledger, audit_limits limits)
  : checker_{store, std::move(ledger), limits},
    cut_counter_{self->system().metrics().counter_singleton(
      "waybill", "audit-cut-streams", "Streams that were checked without their beginning, which was removed.", "1",
      true)} {}

audit_checker_actor::behavior_type audit_checker_state::make_behavior() {
  return {
    [this](const check_audit_unit& request) {
      auto report = checker_.check(request);
      cut_counter_->inc(static_cast<std::int64_t>(checker_.cut_streams() - cut_streams_));
      cut_streams_ = checker_.cut_streams();
      return to_answer(std::move(report));
    },
    [this](const list_audit_units& request) { return to_answer(checker_.list(request)); },
    [this](const read_log& query) { return to_answer(checker_.read(query)); },
  };
}

audit_checker_actor spawn_audit_checker(caf::actor_system& sys, const store_config& store,
                                        std::optional<store_config> ledger, audit_limits limits) {
  return sys.spawn<audit_checker_actor::stateful_impl<audit_checker_state>, caf::detached>(store, std::move(ledger),
                                                                                           limits);
}

} // namespace waybill
