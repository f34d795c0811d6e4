#pragma once

#include "gateway/context/context.hpp"

/// The handlers of the routes, by resource: each in the file that the comment names. They throw a problem when they
/// cannot answer.
namespace waybill::http::routes {

using handler = task<response>(context& ctx, const request& req);

namespace orders {
// orders/place_order.cpp
handler place;
// orders/orders.cpp
handler show;
handler cancel;
// orders/order_list.cpp
handler list;
// orders/change_order.cpp
handler change;
handler hold;
handler release;
// orders/order_resolution.cpp
handler retry;
handler resolve;
// orders/payment/pay_order.cpp
handler pay;
// orders/refunds.cpp
handler refund;
handler list_refunds;
// orders/payment/payment_methods.cpp
handler list_payment_methods;
// orders/order_progress.cpp
handler show_progress;
// orders/order_history.cpp
handler show_version;
// orders/diagnosis/order_diagnosis.cpp
handler show_timeline;
handler show_difference;
handler export_order;
// orders/order_parts.cpp
handler show_payment;
handler show_delivery;
} // namespace orders

// bulk/bulk_actions.cpp
namespace bulk_actions {
handler start;
handler show;
handler stop;
} // namespace bulk_actions

// products.cpp
namespace products {
handler list;
handler add;
handler show;
handler replace;
handler change;
handler withdraw;
handler adjust_stock;
} // namespace products

// delivery/couriers.cpp
namespace couriers {
handler list;
handler add;
handler show;
handler change;
handler remove;
} // namespace couriers

// delivery/deliveries.cpp
namespace deliveries {
handler list;
handler show;
handler accept;
handler decline;
handler start;
handler complete;
handler abort;
} // namespace deliveries

// delivery/payment_callbacks.cpp
namespace payment_callbacks {
handler receive;
} // namespace payment_callbacks

// rpc/rpc.cpp
namespace rpc_door {
handler answer;
/// Throws a problem with status 415.
void require_type(const request& req);
} // namespace rpc_door

// events/events.cpp
namespace events {
handler list;
handler list_of_order;
} // namespace events

// events/notifications.cpp
namespace notifications {
handler list;
handler push;
handler mark_read;
handler mark_all_read;
} // namespace notifications

namespace accounts {
// accounts/sign_in.cpp
handler sign_up;
handler sign_in;
// accounts/sessions.cpp
handler refresh;
handler sign_out;
// accounts/password_reset.cpp
handler allow_password_reset;
handler reset_password;
// accounts/accounts.cpp
handler show_own;
handler change_own;
// accounts/users.cpp
handler list;
handler add;
handler show;
handler change;
// accounts/public_keys.cpp
handler show_public_keys;
} // namespace accounts

// accounts/service_keys.cpp
namespace service_keys {
handler list;
handler add;
handler revoke;
} // namespace service_keys

namespace webhooks {
// webhooks/webhooks.cpp
handler list;
handler add;
handler show;
handler change;
handler remove;
handler rotate_secret;
// webhooks/webhook_deliveries.cpp
handler list_deliveries;
handler list_of_order;
handler retry_delivery;
handler replay;
handler test;
} // namespace webhooks

// sinks/sinks.cpp
namespace sinks {
handler list;
handler add;
handler show;
handler change;
handler remove;
} // namespace sinks

// gateway/routes/functions/functions.cpp
namespace functions {
handler list;
handler put;
handler show;
handler list_versions;
handler roll_back;
handler remove;
handler invoke;
} // namespace functions

// operations/scenarios.cpp
namespace scenarios {
handler list;
handler start;
handler show_run;
handler play;
} // namespace scenarios

// operations/fault_injection.cpp
namespace fault_injection {
handler start;
handler show;
} // namespace fault_injection

namespace operations {
// operations/operations.cpp
handler show_health;
handler show_readiness;
handler show_metrics;
handler show_version;
// operations/process_view.cpp
handler show_process;
// operations/cluster_views.cpp
handler show_cluster;
handler show_shards;
handler drain;
handler list_actors;
handler show_actor;
// operations/measurements.cpp
handler show_latency;
handler show_audit;
} // namespace operations

} // namespace waybill::http::routes
