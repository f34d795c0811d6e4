#pragma once

#include "domain/base/time.hpp"
#include "gateway/http/caller.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace waybill::http {

/// Tokens that have been verified, with their callers, so that the signature of a token is not verified again for each
/// request. Keeps two generations of at most `most` tokens: a token that is not used during a whole generation is
/// forgotten. Only valid tokens are added, so made-up ones cannot fill it. Used by one thread.
class token_cache {
public:
  static constexpr std::size_t most = 4096;

  /// The caller that the token belongs to; null when the token is not known or has ended.
  const caller* find(std::string_view token, timestamp now);

  /// Remembers the token until `until`.
  void add(std::string_view token, caller bearer, timestamp until);

  /// Forgets all tokens when the signing keys have changed since the last call: `generation` counts their changes.
  void follow(std::uint64_t generation);

private:
  struct entry {
    caller bearer;
    timestamp until;
  };
  struct hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  using table = std::unordered_map<std::string, entry, hash, std::equal_to<>>;

  table young_;
  table old_;
  std::uint64_t generation_ = 0;
};

} // namespace waybill::http
