#pragma once

#include "domain/base/time.hpp"

#include <cstdint>

namespace waybill {

/// How an entity repeats a request that was not answered.
struct retry_settings {
  milliseconds first{50};
  milliseconds longest{5'000};
  /// How long a single request to another entity may take.
  milliseconds request_timeout{2'000};
};

/// How long to wait before try number `attempt` (from 1): exponential with full jitter below the exponential value,
/// never under half of it ("equal jitter", Brooker, AWS Architecture Blog, 2015).
milliseconds backoff(const retry_settings& settings, std::uint32_t attempt);

/// Makes the jitter of this thread repeatable: for tests.
void seed_jitter(std::uint32_t seed);

} // namespace waybill
