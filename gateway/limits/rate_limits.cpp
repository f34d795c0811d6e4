#include "gateway/limits/rate_limits.hpp"

#include <sodium.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <stdexcept>

namespace waybill::http {

namespace {

constexpr std::array<std::string_view, 7> names{"", "", "reads", "writes", "auth", "streams", "frames"};

std::size_t index_of(rate_class which) noexcept {
  return static_cast<std::size_t>(which);
}

std::int64_t microseconds_of(rate_limits::clock::time_point when) {
  return std::chrono::duration_cast<std::chrono::microseconds>(when.time_since_epoch()).count();
}

/// Rounded up, so that a client that waits as long as it is told is let in.
std::uint32_t seconds_of(std::int64_t microseconds) {
  return static_cast<std::uint32_t>((std::max<std::int64_t>(microseconds, 0) + 999'999) / 1'000'000);
}

} // namespace

rate_limits::rate_limits(const rate_settings& settings)
  : sets_(std::bit_ceil(std::max<std::size_t>(settings.remembered / ways, 1))) {
  if (sodium_init() < 0)
    throw std::runtime_error{"libsodium cannot be used"};
  crypto_shorthash_keygen(secret_.data());
  const std::array<std::pair<rate_class, rate_limit>, 5> all{{{rate_class::reads, settings.reads},
                                                              {rate_class::writes, settings.writes},
                                                              {rate_class::auth, settings.auth},
                                                              {rate_class::streams, settings.streams},
                                                              {rate_class::frames, settings.frames}}};
  for (const auto& [which, limit] : all) {
    const auto window = std::chrono::duration_cast<std::chrono::microseconds>(limit.window).count();
    policies_[index_of(which)] = {limit.quota, window,
                                  '"' + std::string{names[index_of(which)]} + "\";q=" + std::to_string(limit.quota)
                                    + ";w=" + std::to_string(seconds_of(window))};
  }
  // Each class has as many sets of its own: many readers must not push out the buckets of those who guess passwords.
  table_.resize(sets_ * all.size());
}

std::uint64_t rate_limits::hash_of(std::string_view caller) const noexcept {
  std::array<unsigned char, crypto_shorthash_BYTES> digest{};
  crypto_shorthash(digest.data(), reinterpret_cast<const unsigned char*>(caller.data()), caller.size(), secret_.data());
  std::uint64_t hash = 0;
  static_assert(sizeof hash == crypto_shorthash_BYTES && std::tuple_size_v<secret> == crypto_shorthash_KEYBYTES);
  std::memcpy(&hash, digest.data(), sizeof hash);
  return hash;
}

rate_limits::bucket& rate_limits::find(std::size_t set, std::uint64_t caller) {
  auto& all = table_[set];
  auto* fullest = &all.front();
  for (auto& candidate : all) {
    if (candidate.caller == caller)
      return candidate;
    if (candidate.full_at < fullest->full_at)
      fullest = &candidate;
  }
  *fullest = {caller, 0};
  return *fullest;
}

rate_limits::verdict rate_limits::take(rate_class which, std::string_view caller, clock::time_point now) {
  const auto& policy = policies_[index_of(which)];
  if (policy.quota == 0)
    return {};
  const auto hash = hash_of(caller) | 1U;
  const auto set = (hash >> 1U) % sets_ + sets_ * (index_of(which) - index_of(rate_class::reads));
  const auto at = microseconds_of(now);
  const auto token = std::max<std::int64_t>(policy.window_us / policy.quota, 1);
  const auto most = token * policy.quota;
  const std::lock_guard lock{mutexes_[set % locks]};
  auto& caller_bucket = find(set, hash);
  const auto owed = std::max<std::int64_t>(caller_bucket.full_at - at, 0);
  verdict result{which};
  result.allowed = owed + token <= most;
  const auto then = result.allowed ? owed + token : owed;
  caller_bucket.full_at = at + then;
  result.remaining = static_cast<std::uint32_t>((most - then) / token);
  result.reset = seconds_of(then);
  result.retry = result.allowed ? 0 : std::max(seconds_of(owed + token - most), 1U);
  return result;
}

const std::string& rate_limits::policy(rate_class which) const noexcept {
  return policies_[index_of(which)].text;
}

std::string rate_limits::state(const verdict& of) {
  std::string text{'"'};
  text.append(names[index_of(of.which)]).append("\";r=").append(std::to_string(of.remaining));
  return text.append(";t=").append(std::to_string(of.reset));
}

std::size_t rate_limits::in_use(clock::time_point now) const {
  const auto at = microseconds_of(now);
  std::size_t count = 0;
  for (std::size_t set = 0; set < table_.size(); ++set) {
    const std::lock_guard lock{mutexes_[set % locks]};
    count +=
      static_cast<std::size_t>(std::ranges::count_if(table_[set], [&](const auto& x) { return x.full_at > at; }));
  }
  return count;
}

} // namespace waybill::http
