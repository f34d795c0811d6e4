#pragma once

#include "domain/base/time.hpp"

#include <algorithm>
#include <random>
#include <utility>

namespace waybill {

/// A delay drawn evenly between `shortest` and `longest`.
template <class Generator>
milliseconds random_delay(milliseconds shortest, milliseconds longest, Generator& random) {
  std::uniform_int_distribution<milliseconds::rep> delays{shortest.count(), std::max(shortest, longest).count()};
  return milliseconds{delays(random)};
}

/// Lets `self` run `action` after `delay`; without a delay at once.
template <class SelfPointer, class Action>
void run_after(SelfPointer self, milliseconds delay, Action action) {
  if (delay.count() == 0)
    action();
  else
    self->run_delayed(delay, std::move(action));
}

} // namespace waybill
