#pragma once

#include "domain/base/ids.hpp"
#include "domain/base/time.hpp"
#include "messages/common.hpp"
#include "messages/couriers.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace waybill::http {

/// Roles of a caller, as bits.
enum class role_set : std::uint8_t { none = 0, customer = 1, courier = 2, staff = 4, admin = 8, observer = 16 };
constexpr role_set operator|(role_set a, role_set b) noexcept {
  return static_cast<role_set>(static_cast<unsigned>(a) | static_cast<unsigned>(b));
}
constexpr role_set operator&(role_set a, role_set b) noexcept {
  return static_cast<role_set>(static_cast<unsigned>(a) & static_cast<unsigned>(b));
}
constexpr bool any_of(role_set a, role_set b) noexcept {
  return (a & b) != role_set::none;
}
/// The set of the known words: customer, courier, observer, operator (which is `staff`), admin.
role_set to_role_set(const std::vector<std::string>& words) noexcept;

/// Who sends a request. Found by resolve_caller only.
struct caller {
  /// Of nobody: an id that no customer has, so that nothing is theirs.
  customer_id customer{"nobody"};
  /// As in provenance::by_kind; empty for nobody.
  std::string kind;
  /// Of the user or the service key; empty for nobody.
  std::string id;
  role_set roles = role_set::none;
  /// Has shown a valid token; the demo user has not.
  bool authenticated = false;
  /// The request only reads: its method is a safe one (RFC 9110, section 9.2.1).
  bool reads = false;
  /// When the token ends. Streams end with it.
  std::optional<timestamp> until;

  [[nodiscard]] bool is_anybody() const noexcept { return !id.empty(); }
  /// Sees everything, not only what is their own. An observer does in a request that only reads.
  [[nodiscard]] bool is_operator() const noexcept {
    return any_of(roles, role_set::staff | role_set::admin) || (reads && any_of(roles, role_set::observer));
  }
  [[nodiscard]] viewer as_viewer() const { return {is_operator(), customer}; }
  /// The courier that the caller is; empty for everybody else.
  [[nodiscard]] courier_id as_courier() const;
  [[nodiscard]] courier_viewer as_courier_viewer() const { return {is_operator(), as_courier()}; }
};

/// The caller with those of their roles that are in `roles` too.
caller narrow(caller whole, role_set roles);

/// A caller with these roles. Its kind is the strongest of them, or `service` for a service key.
caller make_caller(std::string id, const std::vector<std::string>& roles);

} // namespace waybill::http
