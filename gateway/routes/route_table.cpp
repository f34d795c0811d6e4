#include "gateway/http/reading.hpp"
#include "gateway/pages/pages.hpp"
#include "gateway/routes/handlers.hpp"
#include "gateway/routes/router.hpp"

#include <array>

// The routing table.

namespace waybill::http {

namespace {

using namespace routes;

/// A route that asks the account: accounts and keys, endpoints that receive events from then on, and money. Not the
/// injection of faults, which end by themselves and may be why no account can be asked.
constexpr route lasting(route entry) {
  entry.asks_account = true;
  return entry;
}

/// A route for programs where browsers get a page.
constexpr route with_page(route entry) {
  entry.has_page = true;
  return entry;
}

constexpr route of_types(type_check check, route entry) {
  entry.check_type = check;
  return entry;
}

/// A change that looks at If-Match itself, in the moment of the change: expected_version.
constexpr route versioned(route entry) {
  entry.checks_version = true;
  return entry;
}

/// A change that makes what it changes, if it is not there.
constexpr route creating(route entry) {
  entry.creates = true;
  return entry;
}

constexpr route page(std::string_view pattern, route_handler answer) {
  return {verb::get, pattern, access::everybody, answer, route_kind::plain, route_load::local};
}

constexpr route all_below(std::string_view pattern, route_handler answer) {
  auto entry = page(pattern, answer);
  entry.below = true;
  return entry;
}

constexpr auto table = std::to_array<route>({
  {verb::post, "/v1/orders", access::customer, orders::place},
  {verb::get, "/v1/orders/{id}", access::owner, orders::show},
  {verb::get, "/v1/products/{id}", access::everybody, products::show},
  {verb::get, "/v1/orders", access::owner, orders::list},
  versioned({verb::delete_, "/v1/orders/{id}", access::owner, orders::cancel}),
  versioned({verb::post, "/v1/orders/{id}/cancel", access::owner, orders::cancel}),
  lasting(versioned({verb::post, "/v1/orders/{id}/retry", access::staff, orders::retry})),
  lasting(versioned({verb::post, "/v1/orders/{id}/resolve", access::staff, orders::resolve})),
  {verb::get, "/v1/orders/{id}/events", access::owner, events::list_of_order},
  versioned({verb::patch, "/v1/orders/{id}", access::owner, orders::change}),
  versioned({verb::post, "/v1/orders/{id}/hold", access::staff, orders::hold}),
  versioned({verb::post, "/v1/orders/{id}/release", access::staff, orders::release}),
  lasting(versioned({verb::post, "/v1/orders/{id}/refunds", access::staff, orders::refund})),
  {verb::get, "/v1/orders/{id}/refunds", access::owner, orders::list_refunds},
  {verb::get, "/v1/orders/{id}/payment", access::owner, orders::show_payment},
  versioned({verb::post, "/v1/orders/{id}/payment", access::owner, orders::pay}),
  {verb::get, "/v1/orders/{id}/delivery", access::owner, orders::show_delivery},
  {verb::get, "/v1/payment-methods", access::everybody, orders::list_payment_methods, route_kind::plain,
   route_load::local},
  {verb::get, "/v1/orders/{id}/progress", access::owner, orders::show_progress},
  {verb::get, "/v1/orders/{id}/history/{version}", access::owner, orders::show_version},
  {verb::get, "/v1/orders/{id}/timeline", access::owner, orders::show_timeline},
  {verb::get, "/v1/orders/{id}/diff", access::owner, orders::show_difference},
  {verb::get, "/v1/orders/{id}/export", access::observer, orders::export_order},
  {verb::get, "/v1/orders/{id}/webhook-deliveries", access::observer, webhooks::list_of_order},
  lasting({verb::post, "/v1/bulk-actions", access::staff, bulk_actions::start}),
  {verb::get, "/v1/bulk-actions/{id}", access::observer, bulk_actions::show},
  lasting({verb::post, "/v1/bulk-actions/{id}/stop", access::staff, bulk_actions::stop}),
  {verb::get, "/v1/products", access::everybody, products::list},
  {verb::post, "/v1/products", access::admin, products::add},
  versioned({verb::put, "/v1/products/{id}", access::admin, products::replace}),
  versioned({verb::patch, "/v1/products/{id}", access::admin, products::change}),
  versioned({verb::delete_, "/v1/products/{id}", access::admin, products::withdraw}),
  versioned({verb::post, "/v1/products/{id}/stock", access::staff, products::adjust_stock}),
  {verb::get, "/v1/couriers", access::observer, couriers::list},
  {verb::post, "/v1/couriers", access::staff, couriers::add},
  {verb::get, "/v1/couriers/{id}", access::courier, couriers::show},
  versioned({verb::patch, "/v1/couriers/{id}", access::courier, couriers::change}),
  versioned({verb::delete_, "/v1/couriers/{id}", access::staff, couriers::remove}),
  {verb::get, "/v1/deliveries", access::courier, deliveries::list},
  {verb::get, "/v1/deliveries/{id}", access::courier, deliveries::show},
  {verb::post, "/v1/deliveries/{id}/accept", access::courier, deliveries::accept},
  {verb::post, "/v1/deliveries/{id}/decline", access::courier, deliveries::decline},
  {verb::post, "/v1/deliveries/{id}/start", access::courier, deliveries::start},
  {verb::post, "/v1/deliveries/{id}/complete", access::courier, deliveries::complete},
  {verb::post, "/v1/deliveries/{id}/abort", access::courier, deliveries::abort},
  {verb::get, "/v1/notifications", access::owner, notifications::list},
  {verb::post, "/v1/notifications", access::staff, notifications::push},
  {verb::post, "/v1/notifications/read-all", access::user, notifications::mark_all_read},
  {verb::post, "/v1/notifications/{id}/read", access::user, notifications::mark_read},
  {verb::get, "/v1/events", access::owner, events::list},
  {verb::get, "/v1/events/stream", access::owner, nullptr, route_kind::events},
  {verb::get, "/v1/ws", access::owner, nullptr, route_kind::websocket},
  {verb::get, "/v1/scenarios", access::observer, scenarios::list, route_kind::plain, route_load::local},
  {verb::post, "/v1/scenarios/{id}/runs", access::staff, scenarios::start},
  {verb::get, "/v1/scenario-runs/{id}", access::observer, scenarios::show_run, route_kind::plain, route_load::local},
  with_page({verb::get, "/scenario/{id}", access::staff, scenarios::play, route_kind::plain, route_load::work,
             rate_class::writes}),
  {verb::get, "/v1/cluster", access::observer, operations::show_cluster, route_kind::plain, route_load::local},
  {verb::get, "/v1/cluster/shards", access::observer, operations::show_shards, route_kind::plain, route_load::local},
  lasting({verb::post, "/v1/cluster/nodes/{id}/drain", access::staff, operations::drain}),
  {verb::get, "/v1/latency", access::observer, operations::show_latency, route_kind::plain, route_load::local},
  {verb::get, "/v1/audit", access::observer, operations::show_audit},
  {verb::get, "/v1/actors", access::observer, operations::list_actors},
  {verb::get, "/v1/actors/{type}/{id}", access::observer, operations::show_actor},
  {verb::post, "/v1/chaos", access::staff, fault_injection::start, route_kind::plain, route_load::local},
  {verb::get, "/v1/chaos", access::observer, fault_injection::show, route_kind::plain, route_load::local},
  {verb::post, "/v1/auth/register", access::everybody, accounts::sign_up, route_kind::plain, route_load::work,
   rate_class::auth},
  {verb::post, "/v1/auth/login", access::everybody, accounts::sign_in, route_kind::plain, route_load::work,
   rate_class::auth},
  {verb::post, "/v1/auth/refresh", access::everybody, accounts::refresh, route_kind::plain, route_load::work,
   rate_class::auth},
  {verb::post, "/v1/auth/logout", access::everybody, accounts::sign_out},
  {verb::post, "/v1/auth/password-reset", access::everybody, accounts::reset_password, route_kind::plain,
   route_load::work, rate_class::auth},
  lasting({verb::get, "/v1/me", access::user, accounts::show_own}),
  lasting(versioned({verb::patch, "/v1/me", access::user, accounts::change_own})),
  lasting({verb::get, "/v1/users", access::admin, accounts::list}),
  lasting({verb::post, "/v1/users", access::admin, accounts::add}),
  lasting({verb::post, "/v1/users/{id}/password-reset", access::admin, accounts::allow_password_reset,
           route_kind::plain, route_load::work, rate_class::auth}),
  lasting({verb::get, "/v1/users/{id}", access::admin, accounts::show}),
  lasting(versioned({verb::patch, "/v1/users/{id}", access::admin, accounts::change})),
  lasting({verb::get, "/v1/service-keys", access::admin, service_keys::list}),
  lasting({verb::post, "/v1/service-keys", access::admin, service_keys::add}),
  lasting({verb::delete_, "/v1/service-keys/{id}", access::admin, service_keys::revoke}),
  {verb::get, "/v1/webhook-endpoints", access::observer, webhooks::list},
  lasting({verb::post, "/v1/webhook-endpoints", access::admin, webhooks::add}),
  {verb::get, "/v1/webhook-endpoints/{id}", access::observer, webhooks::show},
  lasting(versioned({verb::patch, "/v1/webhook-endpoints/{id}", access::admin, webhooks::change})),
  lasting(versioned({verb::delete_, "/v1/webhook-endpoints/{id}", access::admin, webhooks::remove})),
  lasting({verb::post, "/v1/webhook-endpoints/{id}/rotate-secret", access::admin, webhooks::rotate_secret}),
  {verb::get, "/v1/webhook-endpoints/{id}/deliveries", access::observer, webhooks::list_deliveries},
  lasting(
    {verb::post, "/v1/webhook-endpoints/{id}/deliveries/{message}/retry", access::admin, webhooks::retry_delivery}),
  lasting({verb::post, "/v1/webhook-endpoints/{id}/replay", access::admin, webhooks::replay}),
  lasting({verb::post, "/v1/webhook-endpoints/{id}/test", access::admin, webhooks::test}),
  {verb::get, "/v1/sinks", access::observer, sinks::list},
  lasting({verb::post, "/v1/sinks", access::admin, sinks::add}),
  {verb::get, "/v1/sinks/{id}", access::observer, sinks::show},
  lasting(versioned({verb::patch, "/v1/sinks/{id}", access::admin, sinks::change})),
  lasting(versioned({verb::delete_, "/v1/sinks/{id}", access::admin, sinks::remove})),
  {verb::get, "/v1/functions", access::staff, functions::list},
  creating(lasting(versioned({verb::put, "/v1/functions/{id}", access::admin, functions::put}))),
  {verb::get, "/v1/functions/{id}", access::staff, functions::show},
  lasting(versioned({verb::delete_, "/v1/functions/{id}", access::admin, functions::remove})),
  {verb::get, "/v1/functions/{id}/versions", access::staff, functions::list_versions},
  lasting(versioned({verb::post, "/v1/functions/{id}/rollback", access::admin, functions::roll_back})),
  // A call changes nothing.
  {verb::post, "/v1/functions/{id}/invoke", access::staff, functions::invoke, route_kind::plain, route_load::work,
   rate_class::reads},
  {verb::get, "/.well-known/jwks.json", access::everybody, accounts::show_public_keys, route_kind::plain,
   route_load::local},
  of_types(require_plain, {verb::post, "/v1/payment-callbacks", access::provider, payment_callbacks::receive,
                           route_kind::plain, route_load::work, rate_class::none}),
  of_types(rpc_door::require_type, {verb::post, "/rpc", access::owner, rpc_door::answer}),
  {verb::get, "/healthz", access::everybody, operations::show_health, route_kind::plain, route_load::always,
   rate_class::none, route_place::probes},
  {verb::get, "/readyz", access::everybody, operations::show_readiness, route_kind::plain, route_load::always,
   rate_class::none, route_place::probes},
  {verb::get, "/metrics", access::everybody, operations::show_metrics, route_kind::plain, route_load::always,
   rate_class::none, route_place::operators},
  {verb::get, "/version", access::everybody, operations::show_version, route_kind::plain, route_load::always,
   rate_class::none, route_place::operators},
  {verb::get, "/debug/process", access::everybody, operations::show_process, route_kind::plain, route_load::always,
   rate_class::none, route_place::operators_only},
  page("/", pages::show_home),
  page("/shop", pages::show_shop),
  all_below("/shop/{path}", pages::show_shop),
  page("/courier", pages::show_courier),
  all_below("/courier/{path}", pages::show_courier),
  page("/console", pages::show_console),
  all_below("/console/{path}", pages::show_console),
  page("/scenarios", pages::show_scenarios),
  page("/web/assets/{id}", pages::show_web_asset),
  page("/web/elements/{id}", pages::show_element),
  page("/assets/{id}", pages::show_asset),
  page("/docs", pages::show_docs),
  page("/openapi.json", pages::show_openapi),
  page("/asyncapi.json", pages::show_asyncapi),
});

static_assert(table.size() <= http_metrics::max_routes);

} // namespace

std::span<const route> all_routes() noexcept {
  return table;
}

} // namespace waybill::http
