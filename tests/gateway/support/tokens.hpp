#pragma once

#include "auth/access_token.hpp"
#include "tests/gateway/support/support.hpp"

#include <memory>
#include <string>
#include <vector>

namespace waybill::test {

/// Keys as a gateway has them, and tokens of them.
struct token_maker {
  explicit token_maker(signature_algorithm algorithm = signature_algorithm::eddsa)
    : keys(
      std::make_shared<const token_keys>(std::vector<token_keys::entry>{{signing_key::make(algorithm), timestamp{}}})),
      ring(std::make_shared<key_ring>()) {
    ring->replace(keys);
  }

  [[nodiscard]] std::string token(const std::string& user, const std::vector<std::string>& roles,
                                  timestamp at = now()) const {
    return make_access_token(*keys, rules, user, roles, at);
  }

  std::shared_ptr<const token_keys> keys;
  std::shared_ptr<key_ring> ring;
  token_rules rules;
};

inline header_list bearer(const std::string& token) {
  return {{"Authorization", "Bearer " + token}};
}

/// A gateway that demands tokens of `maker`.
inline std::unique_ptr<fixture> guarded_gateway(const token_maker& maker,
                                                std::function<void(gateway_services&)> more = {}) {
  return std::make_unique<fixture>([](gateway_config& config) { config.auth_required = true; },
                                   [&](gateway_services& services) {
                                     services.keys = maker.ring;
                                     if (more)
                                       more(services);
                                   });
}

} // namespace waybill::test
