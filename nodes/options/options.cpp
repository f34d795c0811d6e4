#include "domain/base/number.hpp"
#include "nodes/options/option_kinds.hpp"
#include "outbound/http_url.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <limits>
#include <utility>

namespace waybill {

namespace {

using namespace option_kinds;

bool is_plain_word(std::string_view text) {
  return !text.empty() && text.size() <= 200 && std::ranges::all_of(text, [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.' || c == ':';
  });
}

option name_option() {
  return {"name", "name of this node, unique in the cluster (default: host name and port)", false,
          [](node_config& config, std::string_view text) -> std::string {
            if (!is_plain_word(text))
              return "letters, digits, '-', '_', '.' or ':'";
            config.name = text;
            return {};
          },
          [](const node_config& config) { return config.node_name(); }};
}

std::string set_roles(node_config& config, std::string_view text) {
  if (text == "all") {
    config.roles = node_config{}.roles;
    return {};
  }
  auto roles = roles_from_text(text);
  const auto words = static_cast<std::size_t>(std::ranges::count(text, ',')) + 1;
  std::ranges::sort(roles);
  const bool doubled = std::ranges::adjacent_find(roles) != roles.end();
  if (roles.empty() || roles.size() != words || doubled)
    return "all, or some of gateway,order,payment,inventory,delivery,notification,account,function,relay";
  config.roles = std::move(roles);
  return {};
}

option role_option() {
  return {"role",
          "what this node does: all, or some of "
          "gateway,order,payment,inventory,delivery,notification,account,function,relay",
          false, set_roles, [](const node_config& config) {
            return config.roles == node_config{}.roles ? std::string{"all"} : roles_to_text(config.roles);
          }};
}

option store_option() {
  return {"store", "the database: sqlite:<path> or postgresql://user:password@host/database", true,
          [](node_config& config, std::string_view text) -> std::string {
            const bool sqlite = text.starts_with("sqlite:") && text.size() > 7;
            if (!sqlite && !text.starts_with("postgresql://") && !text.starts_with("postgres://"))
              return "sqlite:<path> or postgresql://user:password@host/database";
            config.store.url = text;
            return {};
          },
          [](const node_config& config) { return redact_url(config.store.url); }};
}

option advertise_option() {
  return {"advertise", "where other nodes reach this one (default: as listen)", false,
          [](node_config& config, std::string_view text) -> std::string {
            if (!parse_endpoint(text))
              return expected_address(text, "10.0.0.7:4100");
            config.advertise = text;
            return {};
          },
          [](const node_config& config) { return config.advertised_address(); }};
}

constexpr std::array<std::pair<std::string_view, log_level>, 6> levels{{{"trace", log_level::trace},
                                                                        {"debug", log_level::debug},
                                                                        {"info", log_level::info},
                                                                        {"warning", log_level::warning},
                                                                        {"error", log_level::error},
                                                                        {"off", log_level::off}}};
constexpr std::array<std::pair<std::string_view, log_format>, 3> formats{
  {{"auto", log_format::automatic}, {"text", log_format::text}, {"json", log_format::json}}};
constexpr std::array<std::pair<std::string_view, bool>, 2> syncs{{{"full", false}, {"off", true}}};

option trace_endpoint() {
  return {"trace-endpoint", "spans are sent here, as OTLP over HTTP: http://host:4318/v1/traces; empty: no traces",
          false,
          [](node_config& config, std::string_view text) -> std::string {
            if (!text.empty() && outbound::parse_http_url(text).has_error())
              return "a URL such as http://127.0.0.1:4318/v1/traces";
            config.traces.endpoint = text;
            return {};
          },
          [](const node_config& config) { return config.traces.endpoint; }};
}

/// Shown as it was given: 0.01 and not 0.010000.
option trace_ratio() {
  return {"trace-ratio", "of the traces that begin here so many are sampled, from 0 to 1", false,
          [](node_config& config, std::string_view text) -> std::string {
            double ratio = 0;
            const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), ratio);
            if (text.empty() || error != std::errc{} || end != text.data() + text.size() || !(ratio >= 0 && ratio <= 1))
              return "a number from 0 to 1, such as 0.01";
            config.traces.ratio = ratio;
            return {};
          },
          [](const node_config& config) {
            std::array<char, 32> text{};
            const auto end = std::to_chars(text.data(), text.data() + text.size(), config.traces.ratio).ptr;
            return std::string{text.data(), end};
          }};
}

std::vector<option> make_options() {
  return {
    name_option(),
    role_option(),
    store_option(),
    choice("store-sync", "SQLite: wait for the disk at each commit; off loses the last commits with the power", syncs,
           AT(store.unsafe_no_sync)),
    duration("store-read-timeout", "PostgreSQL: a query is given up after", milliseconds{500}, AT(store.read_timeout)),
    duration("store-write-timeout", "PostgreSQL: a transaction is given up after", milliseconds{500},
             AT(store.write_timeout)),
    duration("store-patience", "requests are refused while a query or transaction takes longer", milliseconds{100},
             AT(store_patience)),
    number("journals", "connections that write; 0: 1 for SQLite, one for each 4 cores for PostgreSQL", 0, 64,
           AT(journals)),
    number("journal-max-waiting", "writes that wait for the database, of one journal; more are answered with 503", 1,
           max_count, AT(journal.max_pending)),
    number("journal-max-bytes", "bytes of the writes that wait for the database, of one journal; more are refused",
           1'024 * 1'024, std::int64_t{1} << 40, AT(journal.max_pending_octets)),
    number("readers", "connections that read", 1, 256, AT(readers)),
    number("log-readers", "more connections that read, for those who follow the event log", 1, 256, AT(log_readers)),
    address("http", "where the gateway listens", AT(http)),
    number("http-threads", "threads of the gateway", 1, 256, AT(gateway.threads)),
    number("http-max-connections", "connections at once", 1, max_count, AT(gateway.max_connections)),
    number("http-max-in-flight", "requests at once; more are answered with 503", 1, max_count,
           AT(gateway.max_in_flight)),
    duration("http-target-latency",
             "fewer requests are accepted while they take longer; 0ms: always http-max-in-flight", instantly,
             AT(gateway.target_latency)),
    number("http-max-subscribers", "subscriptions to events at once", 1, max_count, AT(gateway.max_subscribers)),
    number("http-max-buffered", "bytes that wait for slow clients, of all connections", 1'024 * 1'024,
           std::int64_t{1} << 40, AT(gateway.max_buffered)),
    number("http-max-body", "bytes of a request's body", 1'024, 64 * 1'024 * 1'024, AT(gateway.body_limit)),
    duration("http-idle-timeout", "an idle connection is closed after", shortest, AT(gateway.idle_timeout)),
    duration("http-request-timeout", "a request is given up after", shortest, AT(gateway.request_timeout)),
    duration("http-drain-delay", "shutdown: requests are still served for so long while /readyz says draining",
             instantly, AT(gateway.drain_delay)),
    duration("http-drain-timeout", "shutdown: running requests may take so long", shortest, AT(gateway.drain_timeout)),
    address("listen", "where other nodes and the shell connect to; other than loopback needs cluster-tls-...",
            AT(listen)),
    advertise_option(),
    toggle("insecure",
           "on: allow http without authentication, and listen without TLS, on other than loopback addresses",
           AT(insecure)),
    toggle("chaos", "on: fault injection may kill or restart this node, take its database away, refuse its writes",
           AT(chaos)),
    duration("cluster-lease", "a node that is silent for so long counts as dead", milliseconds{500},
             AT(membership.lease)),
    duration("cluster-renewal", "how often a node renews its lease", milliseconds{50}, AT(membership.renewal)),
    number("workers", "threads for actors; 0: as many as cores, at least 2", 0, 1'024, AT(workers)),
    toggle("actor-metrics", "on: /metrics has the mailbox and the time per message of each kind of actor, at some cost",
           AT(actor_metrics)),
    duration("shutdown-timeout", "an orderly shutdown may take so long", milliseconds{100}, AT(shutdown_timeout)),
    choice("log-level", "trace, debug, info, warning, error or off", levels, AT(log.level)),
    choice("log-format", "text, json, or auto: text on a terminal", formats, AT(log.format)),
    trace_endpoint(),
    trace_ratio(),
    number("trace-max-waiting", "spans that wait for the collector; more are dropped", 1, max_count,
           AT(traces.max_waiting)),

    duration("order-reserve-deadline", "stock must be reserved within", shortest, AT(orders.limits.reserve)),
    duration("order-authorize-deadline", "the payment must be authorised within", shortest,
             AT(orders.limits.authorize)),
    duration("order-payment-deadline", "an order that is paid later must be paid within", shortest,
             AT(orders.limits.pay)),
    duration("order-dispatch-deadline", "the delivery must be requested within", shortest, AT(orders.limits.dispatch)),
    duration("order-deliver-deadline", "the delivery must end within", shortest, AT(orders.limits.deliver)),
    duration("order-settle-deadline", "stock and money must be settled within", shortest, AT(orders.limits.settle)),
    duration("order-compensate-deadline", "stock and money must be released within", shortest,
             AT(orders.limits.compensate)),
    duration("order-revise-deadline", "new lines must be reserved and authorised within", shortest,
             AT(orders.limits.revise)),
    duration("order-hold-limit", "a held order is cancelled so long after it was placed", shortest,
             AT(orders.limits.hold)),
    duration("order-grace", "a confirmed order waits for its dispatch so long, and can be changed", instantly,
             AT(orders.limits.grace)),
    duration("order-delivery-poll", "how often a silent delivery is asked in its first seconds", shortest,
             AT(orders.delivery_poll)),
    duration("order-retry-first", "orders: first wait before a step is repeated", shortest, AT(orders.retry.first)),
    duration("order-retry-longest", "orders: longest wait before a step is repeated", shortest,
             AT(orders.retry.longest)),
    duration("order-request-timeout", "orders: a single request may take", shortest, AT(orders.retry.request_timeout)),
    duration("order-idle", "an idle order leaves the memory after", shortest, AT(orders.region.idle_timeout)),
    number("order-max-active", "orders in memory; further new ones are answered with 503", 1, max_count,
           AT(orders.region.max_active)),
    number("order-max-waiting", "commands that wait for one order", 1, max_count, AT(orders.region.max_waiting)),

    duration("stock-reservation-ttl", "how often a product checks that the orders of its reservations are still open",
             shortest, AT(products.stock.reservation_ttl)),
    duration("stock-clock-tolerance", "how far the clocks of two nodes may be apart", instantly,
             AT(products.stock.clock_tolerance)),
    number("stock-low", "the event stock.low comes when less is available", 0, max_count, AT(products.stock.low_stock)),
    duration("product-idle", "an idle product leaves the memory after", shortest, AT(products.region.idle_timeout)),
    number("product-max-waiting", "commands that wait for one product", 1, max_count, AT(products.region.max_waiting)),

    duration("payment-provider-timeout", "the provider must answer within", shortest, AT(payments.provider_timeout)),
    number("payment-lookups-until-closed", "look-ups that find nothing until the key is closed", 1, 1'000,
           AT(payments.lookups_until_closed)),
    duration("payment-retry-first", "payments: first wait before a repetition", shortest, AT(payments.retry.first)),
    duration("payment-retry-longest", "payments: longest wait before a repetition", shortest,
             AT(payments.retry.longest)),
    duration("payment-request-timeout", "payments: a single request may take", shortest,
             AT(payments.retry.request_timeout)),
    duration("payment-idle", "an idle payment leaves the memory after", shortest, AT(payments.region.idle_timeout)),
    number("payment-max-waiting", "commands that wait for one payment", 1, max_count, AT(payments.region.max_waiting)),
    duration("provider-shortest-delay", "simulated provider: shortest answer time", instantly,
             AT(provider.shortest_delay)),
    duration("provider-longest-delay", "simulated provider: longest answer time", instantly,
             AT(provider.longest_delay)),

    number("function-threads", "calls of functions at once, each on a thread of its own", 1, 256,
           AT(function_runs.threads)),
    number("function-max-waiting", "calls of functions that run or wait for a thread; more are answered with 503", 1,
           max_count, AT(function_runs.max_waiting)),
    duration("function-timeout", "a call of a function may take", shortest, AT(function_runs.limits.time)),
    number("function-max-steps", "instructions of a call of a function", 1'000, std::int64_t{1} << 40,
           AT(function_runs.limits.steps)),
    number("function-max-memory", "bytes of the memory of a call of a function", 256 * 1'024, std::int64_t{1} << 32,
           AT(function_runs.limits.memory)),
    duration("function-guard-timeout", "how long each guard of an order has to say what becomes of it", shortest,
             AT(gateway.guard_timeout)),

    toggle("audit", "off: this node is never the one that checks the invariants of the cluster", AT(auditor.enabled)),
    number("audit-rows-per-second", "auditor: rows that it may read a second, on the average", 1, max_count,
           AT(auditor.rows_per_second)),
    duration("audit-walk-interval", "auditor: all tables are checked this often", shortest, AT(auditor.walk_interval)),
    duration("audit-recheck-interval", "auditor: violations that were found are checked again this often", shortest,
             AT(auditor.recheck_interval)),
  };
}

} // namespace

std::string variable_of(std::string_view option_name) {
  std::string name{variable_prefix};
  for (const char c : option_name)
    name += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return name;
}

std::string file_option(const option& row) {
  return std::string{row.name} + "-file";
}

std::span<const option> all_options() {
  static const auto options = [] {
    auto all = make_options();
    std::ranges::move(courier_options(), std::back_inserter(all));
    std::ranges::move(http_options(), std::back_inserter(all));
    std::ranges::move(grpc_options(), std::back_inserter(all));
    std::ranges::move(account_options(), std::back_inserter(all));
    std::ranges::move(payment_options(), std::back_inserter(all));
    std::ranges::move(retention_options(), std::back_inserter(all));
    std::ranges::move(webhook_options(), std::back_inserter(all));
    std::ranges::move(source_options(), std::back_inserter(all));
    std::ranges::move(tls_options(), std::back_inserter(all));
    return all;
  }();
  return options;
}

} // namespace waybill
