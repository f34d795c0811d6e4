#pragma once

#include "tests/support/http_shop.hpp"

#include <string>

/// People at the gateway of a node that demands tokens.
namespace waybill::test {

/// A caller of a gateway; without a token: an anonymous client.
struct person {
  std::string url;
  std::string token;

  /// Waits for the answer; throws std::runtime_error when there is none.
  outbound::http_response send(const std::string& method, const std::string& target,
                               const std::string& body = {}) const;
  [[nodiscard]] person with(const std::string& other) const { return {url, other}; }
};

/// The password of everybody who registers here.
inline constexpr const char* a_password = "a good password";

/// A body of POST /v1/auth/login.
std::string credentials(const std::string& email, const std::string& password = a_password);

/// Registers `name`@example.com.
outbound::http_response sign_up(const person& nobody, const std::string& name);

/// Tries until the node accepts the password, because the first admin is made after the start. Throws
/// std::runtime_error when it never does.
person sign_in(const person& nobody, const std::string& email, const std::string& password = a_password);

/// A well stocked product; throws std::runtime_error when the shop refuses.
std::string make_product(const person& admin);

/// A body of POST /v1/orders for one piece.
std::string order_for_one(const std::string& product);

} // namespace waybill::test
