#include "gateway/limits/rate_limits.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <random>

namespace waybill::http {

namespace {

constexpr std::array<std::string_view, 6> names{"", "", "reads", "writes", "auth", "streams"};

std::size_t index_of(rate_class which) noexcept {
  return static_cast<std::size_t>(which);
}

struct sip_state {
  std::uint64_t a, b, c, d;

  void round() noexcept {
    a += b, b = std::rotl(b, 13), b ^= a, a = std::rotl(a, 32);
    c += d, d = std::rotl(d, 16), d ^= c;
    a += d, d = std::rotl(d, 21), d ^= a;
    c += b, b = std::rotl(b, 17), b ^= c, c = std::rotl(c, 32);
  }
};

/// SipHash-2-4 (Aumasson and Bernstein, 2012): nobody without the secret can choose callers that share a set.
std::uint64_t sip_hash(const std::array<std::uint64_t, 2>& key, std::string_view text) noexcept {
  sip_state state{key[0] ^ 0x736f6d6570736575U, key[1] ^ 0x646f72616e646f6dU, key[0] ^ 0x6c7967656e657261U,
                  key[1] ^ 0x7465646279746573U};
  const auto take = [&state](std::uint64_t word) {
    state.d ^= word;
    state.round();
    state.round();
    state.a ^= word;
  };
  const auto length = static_cast<std::uint64_t>(text.size());
  for (; text.size() >= 8; text.remove_prefix(8)) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data(), 8);
    take(word);
  }
  std::uint64_t last = length << 56U;
  for (std::size_t i = 0; i < text.size(); ++i)
    last |= std::uint64_t{static_cast<unsigned char>(text[i])} << (8 * i);
  take(last);
  state.c ^= 0xffU;
  for (int i = 0; i < 4; ++i)
    state.round();
  return state.a ^ state.b ^ state.c ^ state.d;
}

std::int64_t microseconds_of(rate_limits::clock::time_point when) {
  return std::chrono::duration_cast<std::chrono::microseconds>(when.time_since_epoch()).count();
}

/// Rounded up: nobody shall come back too early.
std::uint32_t seconds_of(std::int64_t microseconds) {
  return static_cast<std::uint32_t>((std::max<std::int64_t>(microseconds, 0) + 999'999) / 1'000'000);
}

} // namespace

rate_limits::rate_limits(const rate_settings& how)
  : sets_(std::bit_ceil(std::max<std::size_t>(how.remembered / ways, 1))) {
  std::random_device random;
  for (auto& half : secret_)
    half = (std::uint64_t{random()} << 32U) | random();
  const std::array<std::pair<rate_class, rate_limit>, 4> all{{{rate_class::reads, how.reads},
                                                              {rate_class::writes, how.writes},
                                                              {rate_class::auth, how.auth},
                                                              {rate_class::streams, how.streams}}};
  for (const auto& [which, limit] : all) {
    const auto window = std::chrono::duration_cast<std::chrono::microseconds>(limit.window).count();
    policies_[index_of(which)] = {limit.quota, window,
                                  '"' + std::string{names[index_of(which)]} + "\";q=" + std::to_string(limit.quota)
                                    + ";w=" + std::to_string(seconds_of(window))};
  }
  // Each class has as many sets of its own: a crowd of readers must not make room for those who guess passwords.
  table_.resize(sets_ * all.size());
}

rate_limits::bucket& rate_limits::find(std::size_t set, std::uint64_t caller) {
  auto& all = table_[set];
  auto* place = &all.front();
  for (auto& one : all) {
    if (one.caller == caller)
      return one;
    if (one.full_at < place->full_at)
      place = &one;
  }
  *place = {caller, 0};
  return *place;
}

rate_limits::verdict rate_limits::take(rate_class which, std::string_view caller, clock::time_point now) {
  const auto& policy = policies_[index_of(which)];
  if (policy.quota == 0)
    return {};
  const auto hash = sip_hash(secret_, caller) | 1U;
  const auto set = (hash >> 1U) % sets_ + sets_ * (index_of(which) - index_of(rate_class::reads));
  const auto at = microseconds_of(now);
  const auto token = std::max<std::int64_t>(policy.window_us / policy.quota, 1);
  const auto most = token * policy.quota;
  const std::lock_guard lock{mutexes_[set % locks]};
  auto& found = find(set, hash);
  const auto owed = std::max<std::int64_t>(found.full_at - at, 0);
  verdict result{which};
  result.allowed = owed + token <= most;
  const auto then = result.allowed ? owed + token : owed;
  found.full_at = at + then;
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
      static_cast<std::size_t>(std::ranges::count_if(table_[set], [&](const auto& one) { return one.full_at > at; }));
  }
  return count;
}

} // namespace waybill::http
