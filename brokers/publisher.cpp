#include "brokers/publisher.hpp"

#include "domain/base/errors.hpp"
#include "outbound/address_policy.hpp"

namespace waybill::brokers {

result<void> check_target(const sink::address& address, outbound::target_policy policy) {
  if (policy == outbound::target_policy::any)
    return {};
  if (!address.secure)
    return failure{ec::invalid_argument, "must be by TLS: amqps://, kafkas:// or rediss://"};
  for (const auto& server : address.servers) {
    const auto literal = outbound::address_in(server.host);
    if (literal ? !outbound::is_public(*literal) : outbound::is_private_name(server.host))
      return failure{ec::invalid_argument, server.host + " is not of the public internet"};
  }
  return {};
}

} // namespace waybill::brokers
