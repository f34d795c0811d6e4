#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace waybill {

/// Entities are spread over the nodes of a role by shard.
inline constexpr std::uint16_t shard_count = 1024;

/// The shard of an entity: from the part of its id after the prefix, so that an order, its payment and its delivery
/// have the same number. The same on every machine and in every version (FNV-1a, 64 bits).
std::uint16_t shard_of(std::string_view entity_id) noexcept;

/// Which of `nodes` owns `shard`: rendezvous hashing (Thaler and Ravishankar, 1998), so that a node that comes or goes
/// moves only its own shards. Returns an index into `nodes`, which must not be empty. The result does not depend on the
/// order of `nodes`.
std::size_t owner_of(std::uint16_t shard, std::span<const std::string> nodes) noexcept;

} // namespace waybill
