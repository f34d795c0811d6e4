#pragma once

#include "domain/base/time.hpp"
#include "messages/cluster/absence.hpp"

#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <vector>

namespace waybill {

/// The roles that a step needs.
class role_set {
public:
  constexpr role_set(std::initializer_list<role> roles) noexcept {
    for (const auto role : roles)
      add(role);
  }

  constexpr void add(role added) noexcept { bits_ |= 1U << static_cast<unsigned>(added); }
  [[nodiscard]] constexpr bool contains(role asked) const noexcept {
    return (bits_ & 1U << static_cast<unsigned>(asked)) != 0;
  }

private:
  std::uint32_t bits_ = 0;
};

/// A deadline that does not count absences.
struct fair_deadline {
  timestamp at;
  /// When the last absence ended that touches the step; none: there was none.
  std::optional<timestamp> back_since{};
};

/// All absences that are remembered. A deadline counts only time in which its step could be taken (G10): it is later by
/// the time in which one of the needed roles was away. Pure.
class absences {
public:
  absences() = default;
  /// `last_seen`: when each role that this node does not serve itself was seen to be served.
  explicit absences(std::vector<absence> known, std::map<role, timestamp> last_seen = {});

  /// The deadline of a step that began at `began` and nominally ends at `nominal`. None while a needed role is away, or
  /// was not seen since that deadline: it may have been away already.
  /// Times that overlap count once. Example: began 12:00:00, nominal 12:01:00, away 12:00:10 to 12:01:25: 12:02:15.
  [[nodiscard]] std::optional<fair_deadline> postpone(timestamp nominal, timestamp began, role_set roles) const;

private:
  /// By their begin.
  std::vector<absence> known_;
  std::map<role, timestamp> last_seen_;
};

} // namespace waybill
