#pragma once

#include "functions/limits.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace waybill::sandbox {

/// Which limit ended a call.
enum class exhausted : std::uint8_t { nothing, steps, time, memory, depth };

/// Counts the steps of one call and looks at the clock now and then. What was used up stays used up.
class meter {
public:
  using clock = std::chrono::steady_clock;

  meter(std::uint64_t steps, milliseconds time) noexcept : steps_{steps}, until_{clock::now() + time} { plan(); }

  /// Counts `steps`; false once the call must end.
  bool spend(std::uint64_t steps) noexcept {
    spent_ += steps;
    return spent_ < next_look_ || look();
  }

  /// Looks at the clock, whatever was spent.
  bool look() noexcept {
    if (why_ != exhausted::nothing)
      return false;
    if (spent_ > steps_)
      end(exhausted::steps);
    else if (clock::now() >= until_)
      end(exhausted::time);
    else
      plan();
    return why_ == exhausted::nothing;
  }

  /// The first reason stays.
  void end(exhausted why) noexcept {
    if (why_ == exhausted::nothing)
      why_ = why;
    next_look_ = 0;
  }

  [[nodiscard]] exhausted why() const noexcept { return why_; }

private:
  static constexpr std::uint64_t between_looks = 2'000;

  void plan() noexcept { next_look_ = std::min(spent_ + between_looks, steps_ + 1); }

  std::uint64_t steps_;
  clock::time_point until_;
  std::uint64_t spent_ = 0;
  std::uint64_t next_look_ = 0;
  exhausted why_ = exhausted::nothing;
};

} // namespace waybill::sandbox
