#include "domain/base/number.hpp"
#include "nodes/options/option_kinds.hpp"

#include "outbound/http_url.hpp"

#include <algorithm>
#include <cctype>
#include <limits>

namespace waybill {

namespace {

using namespace option_kinds;

/// One of the paths in server_tls_settings.
template <class At>
option path(std::string_view name, std::string_view help, At at) {
  return {name, help, false,
          [at](node_config& config, std::string_view text) -> std::string {
            at(config) = text;
            return {};
          },
          [at](const node_config& config) { return at(const_cast<node_config&>(config)); }};
}

option https_passphrase() {
  return {"http-tls-passphrase", "HTTPS: the passphrase of the private key", true,
          [](node_config& config, std::string_view text) -> std::string {
            config.http_tls.passphrase = text;
            return {};
          },
          [](const node_config& config) { return std::string{config.http_tls.passphrase.empty() ? "" : "***"}; }};
}

/// An address, or nothing for an empty text.
template <class At>
option optional_address(std::string_view name, std::string_view help, At at) {
  return {name, help, false,
          [at](node_config& config, std::string_view text) -> std::string {
            auto value = parse_endpoint(text);
            if (!value && !text.empty())
              return expected_address(text, "127.0.0.1:4090");
            at(config) = std::move(value);
            return {};
          },
          [at](const node_config& config) {
            const auto& value = at(const_cast<node_config&>(config));
            return value ? to_string(*value) : std::string{};
          }};
}

/// `600/1m`: so many at once, refilled evenly over that time; `off`.
template <class At>
option rate(std::string_view name, std::string_view help, At at) {
  return {name, help, false,
          [at](node_config& config, std::string_view text) -> std::string {
            constexpr auto expected = "off, or a number and a time from 1s to 24h, such as 600/1m";
            const auto slash = text.find('/');
            if (text == "off") {
              at(config).quota = 0;
              return {};
            }
            if (slash == std::string_view::npos)
              return expected;
            const auto quota = parse_number<std::uint32_t>(text.substr(0, slash)).value_or(0);
            const auto window = parse_duration(text.substr(slash + 1)).value_or(milliseconds{0});
            if (quota == 0 || quota > max_count || window < std::chrono::seconds{1} || window > std::chrono::hours{24})
              return expected;
            at(config) = {quota, window};
            return {};
          },
          [at](const node_config& config) {
            const auto& value = at(const_cast<node_config&>(config));
            return value.quota == 0 ? std::string{"off"}
                                    : std::to_string(value.quota) + '/' + duration_text(value.window);
          }};
}

option proxies() {
  return {"trusted-proxies", "addresses or networks, with commas between, whose word about a client's address counts",
          false,
          [](node_config& config, std::string_view text) -> std::string {
            auto& networks = config.gateway.trusted_proxies;
            networks.clear();
            while (!text.empty()) {
              const auto comma = std::min(text.find(','), text.size());
              networks.emplace_back(text.substr(0, comma));
              text.remove_prefix(std::min(comma + 1, text.size()));
            }
            return {};
          },
          [](const node_config& config) {
            std::string text;
            for (const auto& network : config.gateway.trusted_proxies)
              text += (text.empty() ? "" : ",") + network;
            return text;
          }};
}

/// As browsers send it (RFC 6454): in lower case, without the port that is the scheme's own. Empty when it is none.
std::string normal_origin(std::string_view text) {
  const auto url = outbound::parse_http_url(text);
  const auto authority = text.find("://");
  // A trailing slash is a path already, which no origin has.
  if (!url || url->target != "/" || text.find_first_of("/?*", authority + 3) != std::string_view::npos)
    return {};
  std::string origin = (url->secure ? "https://" : "http://") + url->authority();
  std::ranges::transform(origin, origin.begin(), [](unsigned char c) { return std::tolower(c); });
  return origin;
}

option allowed_origins() {
  return {"http-allowed-origins",
          "origins of other servers, with commas between, whose pages may call this gateway (CORS) and open WebSockets",
          false,
          [](node_config& config, std::string_view text) -> std::string {
            auto& origins = config.gateway.allowed_origins;
            origins.clear();
            while (!text.empty()) {
              const auto comma = std::min(text.find(','), text.size());
              auto origin = normal_origin(text.substr(0, comma));
              if (origin.empty())
                return "origins with commas between, each a scheme, a host and maybe a port, such as "
                       "https://shop.example";
              origins.push_back(std::move(origin));
              text.remove_prefix(std::min(comma + 1, text.size()));
            }
            return {};
          },
          [](const node_config& config) {
            std::string text;
            for (const auto& origin : config.gateway.allowed_origins)
              text += (text.empty() ? "" : ",") + origin;
            return text;
          }};
}

option hsts() {
  return {"http-hsts-max-age", "HTTPS: how long browsers shall insist on it; 0s: they are not told to", false,
          [](node_config& config, std::string_view text) -> std::string {
            const auto value = parse_duration(text);
            if (!value)
              return "a duration such as 24h or 0s";
            config.gateway.hsts_max_age = std::chrono::duration_cast<std::chrono::seconds>(*value);
            return {};
          },
          [](const node_config& config) { return duration_text(config.gateway.hsts_max_age); }};
}

constexpr std::array<std::pair<std::string_view, forwarded_header>, 2> forwarded_headers{
  {{"x-forwarded-for", forwarded_header::x_forwarded_for}, {"forwarded", forwarded_header::forwarded}}};

constexpr std::int64_t largest_message = 64LL * 1024 * 1024;
constexpr milliseconds least_keepalive{10'000};

} // namespace

std::vector<option> http_options() {
  return {
    path("http-tls-certificate", "HTTPS: PEM file of the certificate and those above it; read again on SIGHUP",
         AT(http_tls.certificate)),
    path("http-tls-key", "HTTPS: PEM file of its private key", AT(http_tls.key)),
    https_passphrase(),
    duration("http-tls-handshake-timeout", "HTTPS: a handshake is given up after", shortest,
             AT(gateway.handshake_timeout)),
    number("http-tls-max-handshakes", "HTTPS: handshakes at once; one more closes the oldest", 1, max_count,
           AT(gateway.max_handshakes)),
    hsts(),
    allowed_origins(),
    optional_address("http-redirect", "where plain HTTP requests are redirected to HTTPS", AT(http_redirect)),
    number("http-redirect-port", "the port that clients are redirected to; 0: that of http", 0, 65'535,
           AT(gateway.redirect_port)),
    optional_address("ops", "where metrics, health and views of this process are served, on a node of any role",
                     AT(ops)),
    toggle("ops-public", "on: allow ops on other than loopback addresses", AT(ops_public)),
    rate("http-rate-reads", "requests that read, per user, or per address without a user", AT(gateway.rates.reads)),
    rate("http-rate-writes", "requests that change something, per user, or per address without a user",
         AT(gateway.rates.writes)),
    rate("http-rate-auth", "requests that verify or set a password, and refreshes: per address, and per e-mail address",
         AT(gateway.rates.auth)),
    rate("http-rate-streams", "event streams and WebSockets that are opened, per user, or per address",
         AT(gateway.rates.streams)),
    rate("http-rate-frames", "frames from WebSocket clients, per user, or per address without a user",
         AT(gateway.rates.frames)),
    toggle("http-limit-loopback", "on: limits by address hold for this machine too", AT(gateway.limit_loopback)),
    number("http-max-connections-per-address", "connections of one address, IPv6 by its first 64 bits", 1, max_count,
           AT(gateway.max_connections_per_address)),
    number("http-max-headers", "header fields of a request", 1, 10'000, AT(gateway.max_headers)),
    proxies(),
    choice("forwarded-header", "the header that trusted proxies write: x-forwarded-for or forwarded", forwarded_headers,
           AT(gateway.forwarded_by)),
  };
}

std::vector<option> grpc_options() {
  return {
    optional_address("grpc", "where clients connect by gRPC; under TLS when there is a certificate for HTTPS",
                     AT(grpc)),
    path("grpc-client-ca", "gRPC: PEM file of the authorities that sign the certificates which clients must show",
         AT(grpc_limits.client_ca)),
    number("grpc-max-message", "gRPC: octets of one message from a client", 1024, largest_message,
           AT(grpc_limits.message_limit)),
    number("grpc-max-streams", "gRPC: calls at once on one connection", 1, 100'000, AT(grpc_limits.max_streams)),
    duration("grpc-keepalive", "gRPC: a silent connection is asked for a sign of life after", least_keepalive,
             AT(grpc_limits.keepalive)),
    duration("grpc-idle-timeout", "gRPC: a connection without calls is closed after", least_keepalive,
             AT(grpc_limits.idle_timeout)),
  };
}

} // namespace waybill
