#pragma once

#include "domain/product.hpp"

#include <cstdint>
#include <string>
#include <unordered_map>

namespace waybill {

/// How far a long-lived stream was checked.
struct followed_stream {
  product::state product;
  std::uint64_t version = 0;
  std::uint64_t last_used = 0;
};

/// The streams that are followed from one check to the next; beyond a number of them, those that were not used for the
/// longest time are forgotten.
class followed_streams {
public:
  explicit followed_streams(std::size_t most) : most_{most} {}

  /// The stream with this id, at version zero when it was not followed. Valid until the next call.
  followed_stream& follow(const std::string& id);

  void forget(const std::string& id) { streams_.erase(id); }
  void clear() { streams_.clear(); }

private:
  std::size_t most_;
  std::unordered_map<std::string, followed_stream> streams_;
  std::uint64_t uses_ = 0;
};

} // namespace waybill
