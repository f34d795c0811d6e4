#pragma once

#include "messages/actors.hpp"
#include "persistence/audit/audit_check.hpp"

#include <caf/fwd.hpp>
#include <caf/telemetry/counter.hpp>

#include <memory>
#include <optional>

namespace waybill {

/// Puts an audit_check behind a handle; it connects at the first request. Blocks.
class audit_checker_state {
public:
  static inline const char* name = "waybill.audit_checker";

  audit_checker_state(audit_checker_actor::pointer self, const store_config& store, std::optional<store_config> ledger,
                      audit_limits limits);

  audit_checker_actor::behavior_type make_behavior();

private:
  audit_check checker_;
  std::uint64_t cut_streams_ = 0;
  /// Streams of which only the end was left to be checked.
  caf::telemetry::int_counter* cut_counter_;
};

/// In a thread of its own. Ends with send_exit.
audit_checker_actor spawn_audit_checker(caf::actor_system& sys, const store_config& store,
                                        std::optional<store_config> ledger, audit_limits limits = {});

} // namespace waybill
