#pragma once

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/expected.hpp>
#include <caf/io/middleman.hpp>
#include <caf/io/middleman_actor.hpp>
#include <caf/openssl/publish.hpp>

#include <cstdint>
#include <string>

/// How the processes of a cluster reach each other: plain, or by mutual TLS.
namespace waybill {

/// The PEM files with which a process proves to the others that it belongs to the cluster. They are read again for
/// every connection, by threads in which a failure ends the process: they must stay as they are.
struct tls_files {
  std::string ca;
  std::string certificate;
  /// Not encrypted.
  std::string key;

  [[nodiscard]] bool used() const { return !certificate.empty(); }
};

/// What all processes that talk to each other must have in common: the protocol's version, how soon a silent peer
/// counts as gone, and TLS if there are files for it.
class transport_config : public caf::actor_system_config {
public:
  explicit transport_config(const tls_files& tls);
};

/// Whether every connection of `sys` demands a certificate, of whoever connects and of whom it connects to.
bool demands_certificates(caf::actor_system& sys);

/// The actor that connects to other processes. `sys` was made from a transport_config.
caf::io::middleman_actor connector(caf::actor_system& sys);

/// Lets others connect to `whom` on `address`; answers with the port, which the system chooses for port 0. Blocks for a
/// moment. `sys` was made from a transport_config.
template <class Handle>
caf::expected<std::uint16_t> publish(caf::actor_system& sys, const Handle& whom, std::uint16_t port,
                                     const std::string& address) {
  // The middleman's own publish stays plain even when CAF's TLS is loaded.
  return sys.has_openssl_manager() ? caf::openssl::publish(whom, port, address.c_str(), true)
                                   : sys.middleman().publish(whom, port, address.c_str(), true);
}

} // namespace waybill
