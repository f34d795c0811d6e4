#pragma once

#include <cstdint>

namespace waybill::http {

/// Who may use a route: the one source of the rights, also of docs/rights.md. Admins may use all of them.
enum class access : std::uint8_t {
  everybody,
  /// The payment provider, whose signature the handler checks. No token gives this right, not an admin's either.
  provider,
  /// Everybody who is signed in, for what is their own; nobody sees more.
  user,
  /// Everybody who is signed in, for what is their own (not found for others); operators for all, and observers when
  /// it is only read.
  owner,
  customer,
  /// Couriers, for what is theirs (not found for others); operators for all, and observers when it is only read.
  courier,
  /// Operators, and observers, who change nothing: for what is only read.
  observer,
  /// Operators.
  staff,
  admin,
};

/// How a route asks for the caller.
struct access_rule {
  access right = access::admin;
  /// Browsers get a page here, which everybody may have: a link carries no token, and the page asks for its data with
  /// one.
  bool has_page = false;
  /// The token may come later, in the first frame of a WebSocket: a browser cannot send the header with it.
  bool token_in_frame = false;
};

} // namespace waybill::http
