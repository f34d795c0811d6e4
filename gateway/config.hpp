#pragma once

#include "auth/access_token.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace waybill {

/// A place to listen at: an IP address and a port, zero for any free one.
struct listen_address {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;
};

/// A token bucket: `quota` requests at once, refilled evenly over `window`. A quota of zero: no limit.
struct rate_limit {
  std::uint32_t quota = 0;
  std::chrono::milliseconds window{60'000};
};

/// The requests that one caller may send. A caller with a valid token counts by its id, others by their address, IPv6
/// by its first 64 bits.
struct rate_settings {
  rate_limit reads{12'000};
  rate_limit writes{6'000};
  /// Logins, registrations and other requests that passwords and tokens could be guessed with.
  rate_limit auth{30};
  /// Event streams and WebSockets that are opened.
  rate_limit streams{600};
  /// Frames that WebSockets send, of all sockets of a caller.
  rate_limit frames{1'200};
  /// Callers whose buckets are remembered; they take 16 octets each and class.
  std::size_t remembered = 65'536;
};

/// The header in which trusted proxies write the client's address.
enum class forwarded_header : std::uint8_t { x_forwarded_for, forwarded };

/// How the gateway listens, and its limits.
struct gateway_config {
  using milliseconds = std::chrono::milliseconds;

  /// An IP address. Without authentication anything but loopback needs `insecure`.
  std::string address = "127.0.0.1";
  /// Zero takes any free port.
  std::uint16_t port = 4000;
  bool insecure = false;
  /// Off: a caller without a token is the demo user, who may do everything.
  bool auth_required = false;
  token_rules tokens;
  /// How long a valid service key is not looked up again, which is how late a revocation may take effect.
  milliseconds key_memory{10'000};
  std::size_t threads = 1;
  /// The secrets that the payment provider signs its callbacks with: `whsec_...`, several with blanks between while
  /// they are changed; empty: every callback is refused.
  std::string payment_callback_secrets;

  /// Where metrics and views of the process are served, to everybody who can connect, and then nowhere else.
  std::optional<listen_address> ops;
  /// No HTTP for clients: only `ops`, for nodes of other roles.
  bool ops_only = false;
  /// Where plain HTTP is answered with a redirection to HTTPS on `redirect_port`; zero: the port of the gateway.
  std::optional<listen_address> redirect;
  std::uint16_t redirect_port = 0;
  /// How long browsers shall insist on HTTPS (RFC 6797); zero: not at all. Sent under TLS only.
  std::chrono::seconds hsts_max_age{365 * 24 * 3600};
  /// The time of a whole TLS handshake, and how many may be under way: a new one ends the oldest.
  milliseconds handshake_timeout{10'000};
  std::size_t max_handshakes = 1'024;

  rate_settings rates;
  /// Per address, IPv6 by its first 64 bits; trusted proxies may have any number.
  std::size_t max_connections_per_address = 256;
  /// Whether the limits by address hold for clients on this machine too. Forwarded requests always count.
  bool limit_loopback = false;
  /// Networks (`10.0.0.0/8`, `fd00::/8`, single addresses) of proxies that are believed about the client's address.
  std::vector<std::string> trusted_proxies;
  forwarded_header forwarded_by = forwarded_header::x_forwarded_for;

  /// Octets.
  std::size_t body_limit = 256 * 1024;
  std::size_t header_limit = 16 * 1024;
  std::size_t target_limit = 8 * 1024;
  std::size_t max_headers = 100;

  std::size_t max_connections = 10'000;
  /// Requests under way; more are refused with 503. Fewer are let in while they take longer than `target_latency` on
  /// average; a target of zero: never fewer.
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
  /// How long each guard of an order has to say what becomes of it.
  milliseconds guard_timeout{50};
  /// How long a quiet event stream waits before it sends a heartbeat.
  milliseconds heartbeat{15'000};
  /// How long after request_stop() everything is still served, while /readyz says 503 and each answer asks the client
  /// to connect anew, so that load balancers turn to other gateways first.
  milliseconds drain_delay{500};
  /// How long requests under way may go on after that.
  milliseconds drain_timeout{10'000};

  /// What takes the payments, as the option `payment-provider` names it.
  std::string payment_provider = "simulated";

  /// Origins (`https://shop.example`) whose pages may call the gateway, besides its own.
  std::vector<std::string> allowed_origins;

  /// One sentence about the first wrong value, or an empty text.
  [[nodiscard]] std::string validate() const;
};

} // namespace waybill
