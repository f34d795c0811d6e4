#pragma once

#include "gateway/http/request.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace waybill::http {

/// Tokens that were found good, so that a client that sends many requests does not have the same signature verified for
/// each. Keeps two generations of at most `most` tokens: what was not asked for during a whole generation is forgotten.
/// Only good ones get in: whoever makes tokens up cannot fill it. One thread.
class token_cache {
public:
  static constexpr std::size_t most = 4096;

  /// Null when the token is not known or has ended.
  const caller* find(std::string_view token, timestamp now);

  /// Remembers until `until`.
  void add(std::string_view token, caller who, timestamp until);

  /// Forgets everything if the keys are others than those of `generation`.
  void follow(std::uint64_t generation);

private:
  struct entry {
    caller who;
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
