#pragma once

#include "gateway/access_token.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace waybill {

/// How the gateway listens and what it lets through.
struct gateway_config {
  using milliseconds = std::chrono::milliseconds;

  /// An IP address. Without authentication anything but loopback needs `insecure`.
  std::string address = "127.0.0.1";
  /// Zero takes any free port.
  std::uint16_t port = 4000;
  bool insecure = false;
  /// Off: who shows no token is the demo user, who may do everything.
  bool auth_required = false;
  token_rules tokens;
  /// How long a service key that was found good is not looked up again: so late does a revocation act.
  milliseconds key_memory{10'000};
  std::size_t threads = 1;

  /// Octets.
  std::size_t body_limit = 256 * 1024;
  std::size_t header_limit = 16 * 1024;
  std::size_t target_limit = 4 * 1024;

  std::size_t max_connections = 10'000;
  /// Requests under way; more are refused with 503. Fewer are let in while they take longer than `target_latency` on
  /// average; zero: always as many.
  std::size_t max_in_flight = 2'000;
  milliseconds target_latency{1'000};
  /// Of one WebSocket, and of all event streams together.
  std::size_t max_subscriptions = 16;
  std::size_t max_subscribers = 20'000;
  /// Octets of large bodies, large answers and events that wait for slow clients; beyond it bodies are refused and
  /// streams wait.
  std::size_t max_buffered = 256 * 1024 * 1024;

  /// Between requests of one connection.
  milliseconds idle_timeout{75'000};
  /// For all of a request's head, then for all of its body.
  milliseconds header_timeout{10'000};
  milliseconds body_timeout{30'000};
  /// Until the client has taken an answer, a page of events, or a frame.
  milliseconds write_timeout{30'000};
  /// For a whole request, repeated attempts included, without what `Prefer: wait` asks for.
  milliseconds request_timeout{10'000};
  /// For one attempt to reach an actor.
  milliseconds attempt_timeout{4'000};
  /// How long a quiet stream of events waits before it shows a sign of life.
  milliseconds heartbeat{15'000};
  /// How long after request_stop() everything is still served, while /readyz says 503 and each answer asks the client
  /// to connect anew, so that whoever spreads the load can turn to other gateways first.
  milliseconds drain_delay{500};
  /// How long requests under way may go on after that.
  milliseconds drain_timeout{10'000};

  /// Origins (`https://shop.example`) whose pages may call the gateway, besides its own.
  std::vector<std::string> allowed_origins;

  /// One sentence about the first wrong value, or an empty text.
  [[nodiscard]] std::string validate() const;
};

} // namespace waybill
