#pragma once

#include "domain/base/time.hpp"

#include <cstddef>
#include <cstdint>
#include <random>
#include <utility>
#include <vector>

namespace waybill::chaos {

/// Numbers that follow from a seed and a purpose alone. Not with the distributions of the standard library: they give
/// other numbers elsewhere.
class dice {
public:
  dice(std::uint64_t seed, std::uint32_t purpose) {
    std::seed_seq mixed{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32U), purpose};
    random_.seed(mixed);
  }

  /// 0 to `count` - 1; `count` must not be zero.
  std::size_t below(std::size_t count) { return static_cast<std::size_t>(random_() % count); }

  bool one_in(std::size_t count) { return below(count) == 0; }

  milliseconds between(milliseconds low, milliseconds high) {
    return low
           + milliseconds{static_cast<milliseconds::rep>(below(static_cast<std::size_t>((high - low).count()) + 1))};
  }

  template <class T>
  const T& pick(const std::vector<T>& from) {
    return from[below(from.size())];
  }

  template <class T>
  void shuffle(std::vector<T>& cards) {
    for (auto left = cards.size(); left > 1; --left)
      std::swap(cards[left - 1], cards[below(left)]);
  }

private:
  std::mt19937_64 random_;
};

} // namespace waybill::chaos
