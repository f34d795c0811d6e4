#pragma once

#include "actors/entity/placed/durability_gate.hpp"
#include "domain/base/errors.hpp"
#include "messages/common.hpp"
#include "messages/journal/append.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

namespace waybill {

/// How far the appends of one entity have come: placed, durable, or void with the epoch in which they were placed, or
/// with the log that had what they build on. A plain value; used by one actor.
class placed_appends {
public:
  /// Appends that an entity places before the first of them is durable. Commands that come then wait, and are decided
  /// together: one state for all of them.
  static constexpr std::size_t most = 32;

  /// `sequence`: null for an entity that waits for each commit. `log_generation`: of the log that the node works on.
  placed_appends(std::shared_ptr<const append_sequence> sequence, std::function<std::uint64_t()> log_generation)
    : sequence_(std::move(sequence)), log_generation_(std::move(log_generation)) {
    enter_epoch();
    enter_log();
  }

  // -- the epoch, and the log -----------------------------------------------------------------------------------------

  /// For messages to other entities, and for what comes of their answers; see placed_in.
  [[nodiscard]] placed_in place() const { return {epoch_, generation_}; }
  /// True if what was read in this epoch may come from discarded appends, or from a log that was replaced.
  [[nodiscard]] bool has_ended() const {
    return (sequence_ && sequence_->epoch() != epoch_) || log_generation_() != generation_;
  }
  /// To be called when the entity knows nothing but what is durable.
  void enter_epoch() { epoch_ = sequence_ ? sequence_->epoch() : 0; }
  /// To be called before the entity is read from the log, when it knows nothing.
  void enter_log() { generation_ = log_generation_(); }
  [[nodiscard]] bool is_void(placed_in place) const {
    return (place.epoch != 0 && place.epoch != epoch_) || place.generation.value_or(generation_) != generation_;
  }

  /// What a caller is told whose change is void.
  static failure void_reason() {
    return {ec::unavailable, "depends on a change that was not stored; repeat the request"};
  }

  // -- appends --------------------------------------------------------------------------------------------------------

  /// Others may build on an append of the entity before it is durable.
  [[nodiscard]] bool may_go_on() const { return sequence_ && sequence_->flows(); }
  [[nodiscard]] bool may_place() const { return !is_refused_ && outstanding_ < most; }

  /// To be called for each append before it is sent; returns its number.
  std::uint64_t place(append& request) {
    request.epoch = epoch_;
    request.generation = generation_;
    ++outstanding_;
    return gate_.place();
  }

  /// Lets out what rests on the append of this number.
  void note_durable(std::uint64_t number) {
    --outstanding_;
    gate_.reach(number);
  }

  void note_refused() {
    --outstanding_;
    is_refused_ = true;
  }

  [[nodiscard]] bool are_all_answered() const { return outstanding_ == 0; }
  /// Since the last time that all were answered.
  [[nodiscard]] bool is_any_refused() const { return is_refused_; }

  /// All are answered, and some were refused: what rests on them never goes out. `again`: see durability_gate::fail.
  void give_up(bool again) {
    is_refused_ = false;
    gate_.fail(void_reason(), again);
  }

  [[nodiscard]] durability_gate& gate() { return gate_; }
  [[nodiscard]] const durability_gate& gate() const { return gate_; }

private:
  std::shared_ptr<const append_sequence> sequence_;
  std::function<std::uint64_t()> log_generation_;
  std::uint64_t epoch_ = 0;
  std::uint64_t generation_ = 0;
  durability_gate gate_;
  std::size_t outstanding_ = 0;
  bool is_refused_ = false;
};

} // namespace waybill
