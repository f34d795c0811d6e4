#pragma once

#include "tests/cluster/chaos/history.hpp"
#include "tests/support/stored_contents.hpp"

#include <optional>
#include <string>
#include <vector>

/// Compares the answers with the promises, and with the contents of the database at the end. Pure functions.
namespace waybill::chaos {

struct violation {
  /// The promise: `G1`, `I9`, or the contract in a word.
  std::string claim;
  /// With the ids and the observations.
  std::string text;
};

/// The contract of each answer: only statuses that it may have, Retry-After with every 503 (G9).
std::vector<violation> check_contract(const history& seen);

/// G3, I6: all answers of 201 under one key are the same answer, at most one of them not as a replay; another body
/// under a used key is refused.
std::vector<violation> check_keys(const history& seen);

/// An order that was accepted is found (404 never), its version never goes back for one reader at one gateway, and a
/// final status stays.
std::vector<violation> check_reads(const history& seen);

/// An order that is read shows at least what an answer had shown of it, at whatever gateway, before the read was sent;
/// and its history has the events of that.
std::vector<violation> check_freshness(const history& seen);

/// G1, I8: every order that was answered with 201 is in the log, with its label, and at rest.
std::vector<violation> check_accepted(const history& seen, const test::stored_contents& stores);

/// A cancellation that was answered with 200 is final; one with 202 ends so, or in needs_attention.
std::vector<violation> check_cancels(const history& seen, const test::stored_contents& stores);

/// G6, I9: each subscriber saw every event of the log, each stream in its order without a gap, the same event under
/// the same id, and positions that grow.
std::vector<violation> check_followers(const history& seen, const test::stored_contents& stores);

/// For each order, what an entity wrote because of another one's event was committed with that event, or later.
std::vector<violation> check_causes(const test::stored_contents& stores);

/// G4: the provider, whose ledger is in the same database, was asked for nothing that was not durable.
std::vector<violation> check_calls(const test::stored_contents& stores, const test::stored_contents& provider);

/// G11: who reads on from a position of a log that was replaced is told so, by each gateway and on each open
/// subscription, once; what only the old log had is gone.
std::vector<violation> check_restored(const history& seen);

/// Every event that was logged while a foreign transaction was open had reached every subscriber before it ended.
std::vector<violation> check_foreign(const history& seen);

/// A stream whose right was taken away has ended, and has got nothing that happened `within` and some time later.
std::vector<violation> check_revoked(const history& seen, milliseconds within);

/// A subscriber of `latest` gets the next event, and the node does not read for it the events that were logged without
/// a subscriber; a product is loaded without its past.
std::vector<violation> check_pasts(const history& seen);

/// No process that served ended by itself, and each that was asked to end did, with code 0.
std::vector<violation> check_processes(const history& seen);

/// Requests without a definite answer while nodes were restarted one after the other: a drain must not cost any.
std::vector<violation> check_drains(const history& seen);

/// All but check_drains and check_calls; streams are to end within what the schedules assume.
std::vector<violation> check_all(const history& seen, const test::stored_contents& stores);

/// How long orders stood still after a node was lost.
struct stand_still {
  incident loss;
  /// Orders that were under way.
  std::size_t orders = 0;
  /// Until the last of them had a new event, by the clock that all nodes share; nothing when one never had.
  std::optional<milliseconds> longest;
  std::string slowest_order;
};

/// For every node that was killed, stopped, isolated or lost its power.
std::vector<stand_still> measure_stand_still(const history& seen, const test::stored_contents& stores);

/// The same for moments at which nothing was wrong: what an order waits for anyway, couriers and silent providers.
/// Nothing when there was no such moment.
std::optional<milliseconds> longest_without_fault(const history& seen, const test::stored_contents& stores);

} // namespace waybill::chaos
