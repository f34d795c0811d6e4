#pragma once

#include "doors/grpc/port.hpp"
#include "gateway/config.hpp"
#include "gateway/services.hpp"

#include <caf/fwd.hpp>

#include <cstdint>
#include <memory>

namespace waybill {

/// Turns HTTP and WebSocket into messages to actors and their answers back. Owns its threads; its functions may be
/// called from any thread that is not one of them.
class gateway {
public:
  gateway(caf::actor_system& sys, gateway_config config, gateway_services services);
  ~gateway();
  gateway(const gateway&) = delete;
  gateway& operator=(const gateway&) = delete;

  /// Listens and serves. Fails with ec::invalid_argument for a bad configuration and ec::unavailable when the address
  /// cannot be used.
  result<void> start();

  /// The port it listens on, once started.
  [[nodiscard]] std::uint16_t port() const noexcept;
  [[nodiscard]] gateway_ports ports() const noexcept;

  /// From now on new connections use this context; open ones keep theirs.
  void replace_tls(std::shared_ptr<ssl_ctx_st> context);

  /// For doors of other protocols, once started. Who uses it must be done with it before join().
  std::shared_ptr<grpc_door::gateway_port> calls();

  /// Shuts down without a failed request: during the drain delay all requests are served, but readiness says `draining`
  /// and every answer ends its connection; then it stops accepting, closes idle connections and event streams
  /// (WebSockets with 1012) and lets requests under way end.
  void request_stop();

  /// Waits until everything has ended, for about the drain delay and time-out at most, and lets go of the actors.
  void join();

private:
  class impl;
  std::unique_ptr<impl> impl_;
};

} // namespace waybill
