#pragma once

#include "domain/base/time.hpp"
#include "messages/actors.hpp"

#include <caf/fwd.hpp>

#include <cstdint>
#include <functional>

namespace waybill {

struct simulated_provider_settings {
  /// The time of each answer is drawn evenly between the two.
  milliseconds shortest_delay{5};
  milliseconds longest_delay{20};
  /// How long `tok_late` takes.
  milliseconds late_delay{3'000};
};

/// A payment provider for demonstrations and tests, whose conduct the payment token chooses:
/// `tok_declined`, `tok_insufficient_funds` (declined), `tok_timeout` (never answers, nothing happened),
/// `tok_timeout_charged` (never answers, the charge happened), `tok_late` (answers after `late_delay`), `tok_flaky`
/// (fails twice, then works), `tok_capture_fails` (authorises, refuses the capture); anything else that begins with
/// `tok_` is approved, other tokens are declined.
///
/// Its ledger is durable and its own: one stream per idempotency key in the journal given, `ledger_reader` reads it. A
/// key that is in the ledger is never done again. `ledger_generation` is the generation of that log: what it was asked
/// before a backup was put back is not entered afterwards, because whoever asked may not be there any more. Ends with
/// send_exit.
payment_provider_actor spawn_simulated_provider(caf::actor_system& sys, const simulated_provider_settings& settings,
                                                const journal_actor& ledger, const reader_actor& ledger_reader,
                                                std::function<std::uint64_t()> ledger_generation);

} // namespace waybill
