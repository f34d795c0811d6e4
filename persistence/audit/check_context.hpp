#pragma once

#include "messages/journal/audit.hpp"
#include "persistence/audit/audit_reading.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <string>

namespace waybill {

struct audit_limits {
  /// Events that are read at once.
  std::uint32_t page = 1'000;
  /// Streams longer than this are followed from where they were when they were first seen, unless the check is
  /// thorough.
  std::uint64_t long_stream = 5'000;
  /// How many streams are followed; beyond it, those not seen for the longest time are forgotten.
  std::size_t most_followed = 1'000;
};

/// One check of one audit unit while it is under way: where it reads, and what it has found.
struct check_context {
  connection& store;
  const audit_limits& limits;
  /// Replays every stream from its beginning.
  bool thorough;
  audit_unit_report report = {};
  /// Streams whose beginning was removed.
  std::set<std::string> cut_streams = {};

  void complain(const char* invariant, const std::string& subject, std::string detail);

  /// Whether the beginning of a stream is gone because old events are removed (docs/adr/0015). `oldest` is its lowest
  /// version, zero when none is left. What was removed is part of the stored state, so that no version may be missing
  /// between the two (I4).
  bool is_cut(const std::string& id, std::uint64_t oldest, const audited_entity* stored);

  /// The stored state must not be newer than its stream, which ends at version `newest` (I4).
  void check_stored_version(const std::string& id, const std::optional<audited_entity>& stored, std::uint64_t newest);

  /// An entity whose life is over must not ask for work (I3); its stored state may be an older one.
  void check_finished(const std::string& id, const std::optional<audited_entity>& stored);

  void complain_of_gap(const std::string& id, std::uint64_t version, std::uint64_t due);
  void complain_of_gaps_up_to(const std::string& id, std::uint64_t newest);
  void complain_of_missing_state(const std::string& id);
};

/// Null when there is none.
inline const audited_entity* get_if_stored(const std::optional<audited_entity>& stored) {
  return stored ? &*stored : nullptr;
}

} // namespace waybill
