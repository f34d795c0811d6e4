#include "messages/cluster/placement.hpp"

namespace waybill {

namespace {

constexpr std::uint64_t fnv_offset = 0xcbf29ce484222325U;
constexpr std::uint64_t fnv_prime = 0x100000001b3U;
constexpr std::size_t prefix_length = 4;

std::uint64_t fnv1a(std::string_view text, std::uint64_t hash = fnv_offset) noexcept {
  for (const char c : text)
    hash = (hash ^ static_cast<unsigned char>(c)) * fnv_prime;
  return hash;
}

/// Finalizer of MurmurHash3 (Appleby): FNV's upper bits alone are too regular to compare.
std::uint64_t mix(std::uint64_t x) noexcept {
  x = (x ^ (x >> 33U)) * 0xff51afd7ed558ccdU;
  x = (x ^ (x >> 33U)) * 0xc4ceb9fe1a85ec53U;
  return x ^ (x >> 33U);
}

} // namespace

std::uint16_t shard_of(std::string_view entity_id) noexcept {
  const auto suffix = entity_id.size() > prefix_length ? entity_id.substr(prefix_length) : entity_id;
  return static_cast<std::uint16_t>(mix(fnv1a(suffix)) % shard_count);
}

std::size_t owner_of(std::uint16_t shard, std::span<const std::string> nodes) noexcept {
  std::size_t best = 0;
  std::uint64_t best_score = 0;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const auto score = mix(fnv1a(nodes[i], fnv_offset ^ mix(shard + 1U)));
    if (i == 0 || score > best_score || (score == best_score && nodes[i] < nodes[best])) {
      best = i;
      best_score = score;
    }
  }
  return best;
}

} // namespace waybill
