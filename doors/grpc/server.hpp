#pragma once

#include "domain/base/result.hpp"
#include "doors/grpc/port.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace waybill::grpc_door {

/// How the server listens, and its limits.
struct settings {
  /// An IP address and a port, zero for any free one.
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;
  /// PEM files; empty: plain HTTP/2. They are read again when they change.
  std::string certificate;
  std::string key;
  /// PEM file of the authorities that sign the certificates of clients; empty: clients need none.
  std::string client_ca;
  /// Octets of one message.
  std::size_t message_limit = 256 * 1024;
  /// Calls at once on one connection.
  std::size_t max_streams = 128;
  /// Octets that the server may use for messages under way, of all connections together.
  std::size_t memory_limit = 256 * 1024 * 1024;
  /// A silent connection is asked for a sign of life.
  std::chrono::milliseconds keepalive{60'000};
  /// A connection without calls is closed.
  std::chrono::milliseconds idle_timeout{300'000};

  /// One sentence about the first wrong value, or an empty text.
  [[nodiscard]] std::string validate() const;
};

/// The gRPC server. Has threads of its own, which only read, write and translate; the work is done by the gateway
/// behind the port. Its functions may be called from any thread, one at a time. The health service (grpc.health.v1)
/// says what `GET /readyz` says.
class server {
public:
  /// Listens and serves. Fails with ec::invalid_argument for bad settings or files, and ec::unavailable when the
  /// address cannot be used. Reads files: blocks.
  static result<std::unique_ptr<server>> start(settings how, std::shared_ptr<gateway_port> port);

  virtual ~server() = default;

  /// The port it listens on.
  [[nodiscard]] virtual std::uint16_t port() const noexcept = 0;

  /// Ends without a failed call: for `delay` everything is still served, but the health service says NOT_SERVING; then
  /// no more calls are taken, those under way end, and what has not ended after `limit` is cut off. Blocks. To be
  /// called before the gateway behind the port is gone.
  virtual void stop(std::chrono::milliseconds delay, std::chrono::milliseconds limit) = 0;
};

} // namespace waybill::grpc_door
