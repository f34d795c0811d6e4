#include "messages/transport.hpp"

#include "messages/type_ids.hpp"

#include <caf/openssl/manager.hpp>

#include <vector>

namespace waybill {

using namespace std::chrono_literals;

transport_config::transport_config(const tls_files& tls) {
  load<caf::io::middleman>();
  set("caf.middleman.app-identifiers", std::vector<std::string>{"waybill-" + std::to_string(protocol_version)});
  set("caf.middleman.heartbeat-interval", caf::timespan{1s});
  set("caf.middleman.connection-timeout", caf::timespan{4s});
  if (!tls.used())
    return;
  // CAF knows the options below only once the module is loaded, and drops what it does not know.
  load<caf::openssl::manager>();
  set("caf.openssl.cafile", tls.ca);
  set("caf.openssl.certificate", tls.certificate);
  set("caf.openssl.key", tls.key);
}

bool demands_certificates(caf::actor_system& sys) {
  return sys.has_openssl_manager() && sys.openssl_manager().authentication_enabled();
}

caf::io::middleman_actor connector(caf::actor_system& sys) {
  return sys.has_openssl_manager() ? sys.openssl_manager().actor_handle() : sys.middleman().actor_handle();
}

} // namespace waybill
