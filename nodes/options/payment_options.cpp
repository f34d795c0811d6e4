#include "domain/base/errors.hpp"
#include "domain/webhook/signature.hpp"
#include "nodes/options/option_kinds.hpp"

namespace waybill {

namespace {

using namespace option_kinds;

constexpr std::array<std::pair<std::string_view, payment_provider_kind>, 2> kinds{
  {{"simulated", payment_provider_kind::simulated}, {"http", payment_provider_kind::http}}};

/// Shown, because a good one holds no password; secret, because a bad one may.
option url() {
  return {"payment-url", "payment-provider=http: where the provider answers, https://host[:port][/path]", true,
          [](node_config& config, std::string_view text) -> std::string {
            // Empty is the default, which a dump must be able to say.
            const bool sound =
              text.empty() || (outbound::parse_http_url(text) && text.find('?') == std::string_view::npos);
            if (!sound)
              return "https://host[:port][/path], without a password";
            config.http_provider.url = text;
            return {};
          },
          [](const node_config& config) { return config.http_provider.url; }};
}

failure refused_option(std::string detail) {
  return {ec::invalid_argument, std::move(detail)};
}

} // namespace

std::vector<option> payment_options() {
  return {
    choice("payment-provider", "simulated (no money moves), or http", kinds, AT(payment_provider)),
    url(),
    secret("payment-secret", "payment-provider=http: sent to it as a Bearer token", AT(http_provider.secret)),
    secret("payment-callback-secret",
           "the secret of the provider's callbacks: whsec_..., two with a blank between while it is changed",
           AT(gateway.payment_callback_secrets)),
    file("payment-ca", "payment-provider=http: PEM file of the authorities of its certificate (default: the system's)",
         AT(provider_connections.ca_file)),
    number("payment-connections", "payment-provider=http: connections to it at once", 1, 10'000,
           AT(provider_connections.max_connections_per_host)),
    number("payment-breaker-failures",
           "payment-provider=http: after so many failures in a row nothing is sent for a while", 1, max_count,
           AT(http_provider.breaker.failures)),
    duration("payment-breaker-open", "payment-provider=http: nothing is sent for so long at first", shortest,
             AT(http_provider.breaker.open_for)),
    duration("payment-breaker-longest", "payment-provider=http: nothing is sent for so long at most", shortest,
             AT(http_provider.breaker.longest_open)),
  };
}

result<void> validate_payments(const node_config& config) {
  const auto& provider = config.http_provider;
  if (const auto keys = webhook_signature::read_keys(config.gateway.payment_callback_secrets); keys.has_error())
    return refused_option("payment-callback-secret: " + keys.error().detail);
  if (provider.breaker.open_for > provider.breaker.longest_open)
    return refused_option("payment-breaker-open: it is longer than payment-breaker-longest");
  if (config.payment_provider == payment_provider_kind::simulated) {
    // Nobody shall believe that money moves.
    if (!provider.url.empty())
      return refused_option("payment-url: it needs payment-provider=http");
    return {};
  }
  if (!config.has(role::payment))
    return {};
  const auto url = outbound::parse_http_url(provider.url);
  if (url.has_error())
    return refused_option("payment-url: payment-provider=http needs one: " + url.error().detail);
  if (!config.insecure && !url->secure && !is_loopback(endpoint{url->host, url->port}))
    return refused_option("payment-url: plain http to another machine; that needs https or insecure=on");
  return {};
}

} // namespace waybill
