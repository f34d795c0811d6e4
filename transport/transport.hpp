#pragma once

#include "transport/security.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_control_block.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/expected.hpp>
#include <caf/io/middleman_actor.hpp>

#include <cstdint>
#include <set>
#include <string>
#include <vector>

/// How the processes of a cluster reach each other: by mutual TLS, or plain.
namespace waybill {

/// What all processes that talk to each other must have in common: the protocol's version, and how soon a silent peer
/// counts as gone.
class transport_config : public caf::actor_system_config {
public:
  transport_config();
};

/// Connections of a process to others and from others. Belongs to one actor system and must be gone before that, and
/// after all actors that use the connector.
class transport {
public:
  /// `sys` was made from a transport_config. Throws std::logic_error when `security` has a context that does not demand
  /// a certificate of both ends: TLS that was asked for and is not there must never go unnoticed.
  transport(caf::actor_system& sys, const transport_security& security);
  ~transport();
  transport(const transport&) = delete;
  transport& operator=(const transport&) = delete;

  /// Connects to other processes.
  [[nodiscard]] const caf::io::middleman_actor& connector() const { return connector_; }

  /// The actors of CAF that carry messages between processes, for supervision.
  [[nodiscard]] std::vector<caf::actor> long_lived_actors() const;

  /// Lets others connect to `published` on `address`; answers with the port, which the system chooses for port 0.
  /// Blocks for a moment.
  template <class Handle>
  caf::expected<std::uint16_t> publish(const Handle& published, std::uint16_t port, const std::string& address) {
    return publish(caf::actor_cast<caf::strong_actor_ptr>(published), sys_.message_types(published), port, address);
  }

private:
  caf::expected<std::uint16_t> publish(const caf::strong_actor_ptr& published, std::set<std::string> interface,
                                       std::uint16_t port, const std::string& address);

  caf::actor_system& sys_;
  caf::io::middleman_actor connector_;
};

} // namespace waybill
