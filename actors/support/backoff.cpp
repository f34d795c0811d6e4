#include "actors/support/backoff.hpp"

#include <algorithm>
#include <random>

namespace waybill {

namespace {

std::minstd_rand& jitter_source() {
  thread_local std::minstd_rand random{std::random_device{}()};
  return random;
}

} // namespace

void seed_jitter(std::uint32_t seed) {
  jitter_source().seed(seed);
}

milliseconds backoff(const retry_settings& settings, std::uint32_t attempt) {
  constexpr std::uint32_t most_doublings = 20;
  const auto doubled = settings.first * (std::int64_t{1} << std::min(attempt > 0 ? attempt - 1 : 0, most_doublings));
  const auto ceiling = std::min(doubled, settings.longest).count();
  std::uniform_int_distribution<milliseconds::rep> jitter{ceiling / 2, ceiling};
  return milliseconds{jitter(jitter_source())};
}

} // namespace waybill
