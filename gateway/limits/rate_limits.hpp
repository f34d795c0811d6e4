#pragma once

#include "gateway/config.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace waybill::http {

/// The share that a route, or a frame of a WebSocket, is charged to; `by_method`: reads for GET and HEAD, writes for
/// the rest.
enum class rate_class : std::uint8_t { by_method, none, reads, writes, auth, streams, frames };

/// Token buckets of callers, in memory of a fixed size. A bucket is one number: the moment at which it will be full
/// again (the generic cell rate algorithm, ITU-T I.371). A caller without a bucket has a full one. When there is no
/// room for another caller, the fullest bucket is dropped; if it is full, as most are, that changes nothing.
/// Thread-safe.
class rate_limits {
public:
  using clock = std::chrono::steady_clock;

  explicit rate_limits(const rate_settings& settings);

  struct verdict {
    rate_class which = rate_class::none;
    bool allowed = true;
    /// Requests that would be let in at once now.
    std::uint32_t remaining = 0;
    /// Seconds until the bucket is full, and until the next request is let in.
    std::uint32_t reset = 0;
    std::uint32_t retry = 0;
  };

  /// Takes one token out of the bucket of `caller`; `which` is not by_method.
  verdict take(rate_class which, std::string_view caller, clock::time_point now);

  /// `"reads";q=100;w=60` and `"reads";r=99;t=1`: the headers of draft-ietf-httpapi-ratelimit-headers-10.
  [[nodiscard]] const std::string& policy(rate_class which) const noexcept;
  [[nodiscard]] static std::string state(const verdict& of);

  /// Buckets that are not full; for the view of operators. Looks at all of them.
  [[nodiscard]] std::size_t in_use(clock::time_point now) const;

private:
  static constexpr std::size_t ways = 8;
  static constexpr std::size_t locks = 64;

  struct bucket {
    std::uint64_t caller = 0;
    /// Microseconds of the clock.
    std::int64_t full_at = 0;
  };
  struct policy_of_class {
    std::uint32_t quota = 0;
    std::int64_t window_us = 0;
    std::string text;
  };

  using secret = std::array<unsigned char, 16>;

  /// SipHash-2-4 (Aumasson and Bernstein, 2012): without the secret nobody can choose callers that share a set.
  [[nodiscard]] std::uint64_t hash_of(std::string_view caller) const noexcept;
  bucket& find(std::size_t set, std::uint64_t caller);

  std::array<policy_of_class, 7> policies_;
  secret secret_{};
  std::size_t sets_;
  std::vector<std::array<bucket, ways>> table_;
  mutable std::array<std::mutex, locks> mutexes_;
};

} // namespace waybill::http
