#include "domain/follower/follower.hpp"

namespace waybill::follower {

bool is_there(const state& current) noexcept {
  return current.version > 0 && current.status != status::deleted;
}

std::optional<bool> to_be_switched(const state& current, std::optional<bool> enabled) noexcept {
  const bool is_enabled = current.status == status::enabled;
  return enabled == is_enabled ? std::nullopt : enabled;
}

bool begins_to_fail(const state& current) noexcept {
  return is_there(current) && current.status == status::enabled && !current.failing_since;
}

bool recovers(const state& current) noexcept {
  return is_there(current) && current.failing_since;
}

} // namespace waybill::follower
