#pragma once

#include "gateway/http/request.hpp"
#include "gateway/transport/worker.hpp"

/// The functions behind the routes, each in the file of its subject. All throw a problem when they cannot answer.
namespace waybill::http {

// orders.cpp, place_order.cpp
task<response> create_order(worker& w, const request& req);
task<response> show_order(worker& w, const request& req);
task<response> list_all_orders(worker& w, const request& req);
task<response> cancel_one_order(worker& w, const request& req);

/// Fills in names and prices and notes every line that cannot be sold.
task<void> price_lines(worker& w, const request& req, std::vector<order::line>& lines,
                       std::vector<field_error>& errors);

/// The order of the path; throws not_found when it is not there or not the caller's business.
task<order::state> visible_order(worker& w, const request& req);

// stuck_orders.cpp
task<response> retry_one_order(worker& w, const request& req);
task<response> resolve_one_order(worker& w, const request& req);

// refunds.cpp
task<response> refund_one_order(worker& w, const request& req);
task<response> list_order_refunds(worker& w, const request& req);

// order_parts.cpp
task<response> show_order_payment(worker& w, const request& req);
task<response> show_order_delivery(worker& w, const request& req);

// change_order.cpp
task<response> change_one_order(worker& w, const request& req);
task<response> hold_one_order(worker& w, const request& req);
task<response> release_one_order(worker& w, const request& req);

// products.cpp
/// Asks for all of them at once.
task<std::vector<std::pair<product_id, result<product_view>>>> fetch_products(worker& w, const request& req,
                                                                              std::vector<product_id> ids);
task<response> show_product(worker& w, const request& req);
task<response> list_all_products(worker& w, const request& req);
task<response> add_product(worker& w, const request& req);
task<response> replace_product(worker& w, const request& req);
task<response> patch_product(worker& w, const request& req);
task<response> remove_product(worker& w, const request& req);
task<response> adjust_product_stock(worker& w, const request& req);

// couriers.cpp
task<response> list_all_couriers(worker& w, const request& req);
task<response> add_one_courier(worker& w, const request& req);
task<response> show_courier(worker& w, const request& req);
task<response> patch_courier(worker& w, const request& req);
task<response> remove_one_courier(worker& w, const request& req);

// deliveries.cpp
task<response> list_all_deliveries(worker& w, const request& req);
task<response> show_delivery(worker& w, const request& req);
task<response> accept_delivery(worker& w, const request& req);
task<response> decline_delivery(worker& w, const request& req);
task<response> start_delivery(worker& w, const request& req);
task<response> complete_delivery(worker& w, const request& req);
task<response> abort_delivery(worker& w, const request& req);

// notifications.cpp
task<response> list_own_notifications(worker& w, const request& req);
task<response> read_all_notifications(worker& w, const request& req);
task<response> read_one_notification(worker& w, const request& req);

// authentication.cpp
task<response> show_jwks(worker& w, const request& req);

// sign_in.cpp
task<response> register_account(worker& w, const request& req);
task<response> sign_in(worker& w, const request& req);
task<response> refresh_tokens(worker& w, const request& req);
task<response> sign_out(worker& w, const request& req);

// accounts.cpp
task<response> show_me(worker& w, const request& req);
task<response> change_me(worker& w, const request& req);
task<response> list_accounts(worker& w, const request& req);
task<response> show_account(worker& w, const request& req);
task<response> change_account(worker& w, const request& req);

// machine_keys.cpp
task<response> list_machine_keys(worker& w, const request& req);
task<response> add_machine_key(worker& w, const request& req);
task<response> revoke_machine_key(worker& w, const request& req);

// events.cpp
task<response> list_events(worker& w, const request& req);
task<response> list_order_events(worker& w, const request& req);

// payment_callbacks.cpp
task<response> take_payment_callback(worker& w, const request& req);

// webhooks.cpp
task<response> list_webhook_endpoints(worker& w, const request& req);
task<response> add_webhook_endpoint(worker& w, const request& req);
task<response> show_webhook_endpoint(worker& w, const request& req);
task<response> change_webhook_endpoint(worker& w, const request& req);
task<response> remove_webhook_endpoint(worker& w, const request& req);
task<response> rotate_endpoint_secret(worker& w, const request& req);

// webhook_deliveries.cpp
task<response> list_endpoint_deliveries(worker& w, const request& req);
task<response> retry_endpoint_delivery(worker& w, const request& req);
task<response> replay_endpoint(worker& w, const request& req);

// scenarios.cpp
task<response> list_scenarios(worker& w, const request& req);
task<response> start_scenario(worker& w, const request& req);
task<response> show_scenario_run(worker& w, const request& req);
task<response> play_scenario(worker& w, const request& req);

// fault_injection.cpp
task<response> inject_one_fault(worker& w, const request& req);
task<response> show_injected_fault(worker& w, const request& req);

// operations.cpp
task<response> show_health(worker& w, const request& req);
task<response> show_readiness(worker& w, const request& req);
task<response> show_metrics(worker& w, const request& req);
task<response> show_version(worker& w, const request& req);
// process_view.cpp
task<response> show_process(worker& w, const request& req);
task<response> show_cluster(worker& w, const request& req);
task<response> list_running_actors(worker& w, const request& req);
task<response> show_actor(worker& w, const request& req);

// files.cpp
/// A file that is compiled in, compressed for whoever takes that, with an ETag of its octets.
response serve_file(const request& req, std::string_view name);
task<response> show_page(worker& w, const request& req);
task<response> show_asset(worker& w, const request& req);
task<response> show_docs(worker& w, const request& req);
task<response> show_openapi(worker& w, const request& req);
task<response> show_asyncapi(worker& w, const request& req);

} // namespace waybill::http
