#include "gateway/routes/router.hpp"

#include "gateway/pages/browser_pages.hpp"
#include "gateway/routes/handlers.hpp"

#include <array>
#include <string>
#include <vector>

namespace waybill::http {

namespace {

constexpr auto table = std::to_array<route>({
  {verb::post, "/v1/orders", access::customer, create_order},
  {verb::get, "/v1/orders/{id}", access::owner, show_order},
  {verb::get, "/v1/products/{id}", access::everybody, show_product},
  {verb::get, "/v1/orders", access::owner, list_all_orders},
  {verb::delete_, "/v1/orders/{id}", access::owner, cancel_one_order},
  {verb::post, "/v1/orders/{id}/cancel", access::owner, cancel_one_order},
  {verb::post, "/v1/orders/{id}/retry", access::staff, retry_one_order},
  {verb::post, "/v1/orders/{id}/resolve", access::staff, resolve_one_order},
  {verb::get, "/v1/orders/{id}/events", access::owner, list_order_events},
  {verb::patch, "/v1/orders/{id}", access::owner, change_one_order},
  {verb::post, "/v1/orders/{id}/hold", access::staff, hold_one_order},
  {verb::post, "/v1/orders/{id}/release", access::staff, release_one_order},
  {verb::post, "/v1/orders/{id}/refunds", access::staff, refund_one_order},
  {verb::get, "/v1/orders/{id}/refunds", access::owner, list_order_refunds},
  {verb::get, "/v1/orders/{id}/payment", access::owner, show_order_payment},
  {verb::get, "/v1/orders/{id}/delivery", access::owner, show_order_delivery},
  {verb::get, "/v1/products", access::everybody, list_all_products},
  {verb::post, "/v1/products", access::admin, add_product},
  {verb::put, "/v1/products/{id}", access::admin, replace_product},
  {verb::patch, "/v1/products/{id}", access::admin, patch_product},
  {verb::delete_, "/v1/products/{id}", access::admin, remove_product},
  {verb::post, "/v1/products/{id}/stock", access::staff, adjust_product_stock},
  {verb::get, "/v1/couriers", access::staff, list_all_couriers},
  {verb::post, "/v1/couriers", access::staff, add_one_courier},
  {verb::get, "/v1/couriers/{id}", access::courier, show_courier},
  {verb::patch, "/v1/couriers/{id}", access::courier, patch_courier},
  {verb::delete_, "/v1/couriers/{id}", access::staff, remove_one_courier},
  {verb::get, "/v1/deliveries", access::courier, list_all_deliveries},
  {verb::get, "/v1/deliveries/{id}", access::courier, show_delivery},
  {verb::post, "/v1/deliveries/{id}/accept", access::courier, accept_delivery},
  {verb::post, "/v1/deliveries/{id}/decline", access::courier, decline_delivery},
  {verb::post, "/v1/deliveries/{id}/start", access::courier, start_delivery},
  {verb::post, "/v1/deliveries/{id}/complete", access::courier, complete_delivery},
  {verb::post, "/v1/deliveries/{id}/abort", access::courier, abort_delivery},
  {verb::get, "/v1/notifications", access::user, list_own_notifications},
  {verb::post, "/v1/notifications/read-all", access::user, read_all_notifications},
  {verb::post, "/v1/notifications/{id}/read", access::user, read_one_notification},
  {verb::get, "/v1/events", access::owner, list_events},
  {verb::get, "/v1/events/stream", access::owner, nullptr, route_kind::events},
  {verb::get, "/v1/ws", access::owner, nullptr, route_kind::websocket},
  {verb::get, "/v1/scenarios", access::staff, list_scenarios, route_kind::plain, route_load::local},
  {verb::post, "/v1/scenarios/{id}/runs", access::staff, start_scenario},
  {verb::get, "/v1/scenario-runs/{id}", access::staff, show_scenario_run, route_kind::plain, route_load::local},
  {verb::get, "/scenario/{id}", access::staff, play_scenario, route_kind::plain, route_load::work, rate_class::writes},
  {verb::get, "/v1/cluster", access::staff, show_cluster, route_kind::plain, route_load::local},
  {verb::get, "/v1/actors", access::staff, list_running_actors},
  {verb::get, "/v1/actors/{type}/{id}", access::staff, show_actor},
  {verb::post, "/v1/chaos", access::staff, inject_one_fault, route_kind::plain, route_load::local},
  {verb::get, "/v1/chaos", access::staff, show_injected_fault, route_kind::plain, route_load::local},
  {verb::post, "/v1/auth/register", access::everybody, register_account, route_kind::plain, route_load::work,
   rate_class::auth},
  {verb::post, "/v1/auth/login", access::everybody, sign_in, route_kind::plain, route_load::work, rate_class::auth},
  {verb::post, "/v1/auth/refresh", access::everybody, refresh_tokens, route_kind::plain, route_load::work,
   rate_class::auth},
  {verb::post, "/v1/auth/logout", access::everybody, sign_out},
  {verb::get, "/v1/me", access::user, show_me},
  {verb::patch, "/v1/me", access::user, change_me},
  {verb::get, "/v1/users", access::admin, list_accounts},
  {verb::get, "/v1/users/{id}", access::admin, show_account},
  {verb::patch, "/v1/users/{id}", access::admin, change_account},
  {verb::get, "/v1/service-keys", access::admin, list_machine_keys},
  {verb::post, "/v1/service-keys", access::admin, add_machine_key},
  {verb::delete_, "/v1/service-keys/{id}", access::admin, revoke_machine_key},
  {verb::get, "/v1/webhook-endpoints", access::staff, list_webhook_endpoints},
  {verb::post, "/v1/webhook-endpoints", access::admin, add_webhook_endpoint},
  {verb::get, "/v1/webhook-endpoints/{id}", access::staff, show_webhook_endpoint},
  {verb::patch, "/v1/webhook-endpoints/{id}", access::admin, change_webhook_endpoint},
  {verb::delete_, "/v1/webhook-endpoints/{id}", access::admin, remove_webhook_endpoint},
  {verb::post, "/v1/webhook-endpoints/{id}/rotate-secret", access::admin, rotate_endpoint_secret},
  {verb::get, "/v1/webhook-endpoints/{id}/deliveries", access::staff, list_endpoint_deliveries},
  {verb::post, "/v1/webhook-endpoints/{id}/deliveries/{message}/retry", access::admin, retry_endpoint_delivery},
  {verb::post, "/v1/webhook-endpoints/{id}/replay", access::admin, replay_endpoint},
  {verb::get, "/.well-known/jwks.json", access::everybody, show_jwks, route_kind::plain, route_load::local},
  {verb::post, "/v1/payment-callbacks", access::provider, take_payment_callback, route_kind::plain, route_load::work,
   rate_class::none},
  {verb::get, "/healthz", access::everybody, show_health, route_kind::plain, route_load::always, rate_class::none,
   route_place::probes},
  {verb::get, "/readyz", access::everybody, show_readiness, route_kind::plain, route_load::always, rate_class::none,
   route_place::probes},
  {verb::get, "/metrics", access::everybody, show_metrics, route_kind::plain, route_load::always, rate_class::none,
   route_place::operators},
  {verb::get, "/version", access::everybody, show_version, route_kind::plain, route_load::always, rate_class::none,
   route_place::operators},
  {verb::get, "/debug/process", access::everybody, show_process, route_kind::plain, route_load::always,
   rate_class::none, route_place::operators_only},
  {verb::get, "/", access::everybody, show_page, route_kind::plain, route_load::local},
  {verb::get, "/assets/{id}", access::everybody, show_asset, route_kind::plain, route_load::local},
  {verb::get, "/docs", access::everybody, show_docs, route_kind::plain, route_load::local},
  {verb::get, "/openapi.json", access::everybody, show_openapi, route_kind::plain, route_load::local},
  {verb::get, "/asyncapi.json", access::everybody, show_asyncapi, route_kind::plain, route_load::local},
});

static_assert(table.size() < http_metrics::max_routes);

std::vector<std::string_view> split(std::string_view pattern) {
  std::vector<std::string_view> parts;
  pattern.remove_prefix(1);
  while (!pattern.empty()) {
    const auto part = pattern.substr(0, pattern.find('/'));
    parts.push_back(part);
    pattern.remove_prefix(std::min(part.size() + 1, pattern.size()));
  }
  return parts;
}

struct line {
  std::vector<std::string_view> parts;
  std::string name;
};

const std::vector<line>& lines() {
  static const auto all = [] {
    std::vector<line> result;
    for (const auto& one : table)
      result.push_back(
        {split(one.pattern), std::string{beast_http::to_string(one.method)} + ' ' + std::string{one.pattern}});
    return result;
  }();
  return all;
}

bool fits(const std::vector<std::string_view>& parts, const std::vector<std::string>& segments,
          std::string_view& id) noexcept {
  if (parts.size() != segments.size())
    return false;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i].starts_with('{') && !segments[i].empty())
      id = segments[i];
    else if (parts[i] != segments[i])
      return false;
  }
  return true;
}

bool is_served(route_place where, bool for_operators, const gateway_config& config) noexcept {
  switch (where) {
    case route_place::clients: return !for_operators;
    case route_place::probes: return true;
    case route_place::operators: return for_operators || !config.ops;
    default: return for_operators;
  }
}

void allow(std::string& list, std::string_view method) {
  if (!list.empty())
    list += ", ";
  list += method;
}

} // namespace

rate_class rate_class_of(const route& one) noexcept {
  if (one.rate != rate_class::by_method)
    return one.rate;
  if (one.kind != route_kind::plain)
    return rate_class::streams;
  return one.method == verb::get ? rate_class::reads : rate_class::writes;
}

match find_route(request& req, bool for_operators, const gateway_config& config) {
  const auto wanted = req.method == verb::head ? verb::get : req.method;
  match result;
  std::string_view literal;
  for (std::size_t i = 0; i < table.size(); ++i) {
    std::string_view id;
    if (!is_served(table[i].place, for_operators, config) || !fits(lines()[i].parts, req.segments, id))
      continue;
    // A path that is spelt out comes before one with a place for an id: read-all is not the id of a notification.
    const auto& one = table[i];
    allow(result.allowed, std::string_view{beast_http::to_string(one.method)});
    if (one.method == verb::get)
      allow(result.allowed, "HEAD");
    if (one.method == wanted && (!result.found || id.empty())) {
      result.found = &one;
      result.index = i;
      req.id = id;
    }
  }
  if (!result.allowed.empty())
    allow(result.allowed, "OPTIONS");
  return result;
}

std::string_view route_name(std::size_t index) {
  return index < table.size() ? std::string_view{lines()[index].name} : std::string_view{};
}

bool has_page(const route& one) noexcept {
  return one.answer == play_scenario;
}

std::span<const route> all_routes() noexcept {
  return table;
}

} // namespace waybill::http
