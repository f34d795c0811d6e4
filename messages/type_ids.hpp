#pragma once

#include "messages/abandon.hpp"
#include "messages/bulk_actions.hpp"
#include "messages/cluster/cluster.hpp"
#include "messages/cluster/fault_injection.hpp"
#include "messages/cluster/message_trace.hpp"
#include "messages/cluster/node_report.hpp"
#include "messages/common.hpp"
#include "messages/couriers.hpp"
#include "messages/deliveries.hpp"
#include "messages/functions/function_list.hpp"
#include "messages/functions/functions.hpp"
#include "messages/inspect.hpp"
#include "messages/journal/append.hpp"
#include "messages/journal/audit.hpp"
#include "messages/journal/entity_rows.hpp"
#include "messages/journal/event_feed.hpp"
#include "messages/notifications.hpp"
#include "messages/order/order_changes.hpp"
#include "messages/order/order_progress.hpp"
#include "messages/order/orders.hpp"
#include "messages/payments.hpp"
#include "messages/products.hpp"
#include "messages/sinks/sinks.hpp"
#include "messages/users.hpp"
#include "messages/webhooks.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/is_error_code_enum.hpp>
#include <caf/type_id.hpp>
#include <caf/typed_actor.hpp>

#include <cstdint>

namespace waybill {

/// Nodes of another protocol version are refused. Raise it when a message changes in a way that older nodes cannot
/// read.
inline constexpr std::uint32_t protocol_version = 10;

} // namespace waybill

// Type ids travel as numbers in the order of these lines: append only, never reorder, never remove.
CAF_BEGIN_TYPE_ID_BLOCK(waybill, first_custom_type_id)

CAF_ADD_TYPE_ID(waybill, (waybill::ec))

CAF_ADD_TYPE_ID(waybill, (waybill::resume_entity))
CAF_ADD_TYPE_ID(waybill, (waybill::wake_up))
CAF_ADD_TYPE_ID(waybill, (waybill::entity_idle))
CAF_ADD_TYPE_ID(waybill, (waybill::describe_entity))
CAF_ADD_TYPE_ID(waybill, (waybill::entity_description))

CAF_ADD_TYPE_ID(waybill, (waybill::order::state))
CAF_ADD_TYPE_ID(waybill, (waybill::place_order))
CAF_ADD_TYPE_ID(waybill, (waybill::order_placed))
CAF_ADD_TYPE_ID(waybill, (waybill::get_order))
CAF_ADD_TYPE_ID(waybill, (waybill::await_order))
CAF_ADD_TYPE_ID(waybill, (waybill::cancel_order))
CAF_ADD_TYPE_ID(waybill, (waybill::delivery_ended))

CAF_ADD_TYPE_ID(waybill, (waybill::product_view))
CAF_ADD_TYPE_ID(waybill, (waybill::create_product))
CAF_ADD_TYPE_ID(waybill, (waybill::get_product))
CAF_ADD_TYPE_ID(waybill, (waybill::change_product))
CAF_ADD_TYPE_ID(waybill, (waybill::withdraw_product))
CAF_ADD_TYPE_ID(waybill, (waybill::adjust_stock))
CAF_ADD_TYPE_ID(waybill, (waybill::reserve_stock))
CAF_ADD_TYPE_ID(waybill, (waybill::stock_answer))
CAF_ADD_TYPE_ID(waybill, (waybill::commit_stock))
CAF_ADD_TYPE_ID(waybill, (waybill::release_stock))

CAF_ADD_TYPE_ID(waybill, (waybill::payment::state))
CAF_ADD_TYPE_ID(waybill, (waybill::authorize_payment))
CAF_ADD_TYPE_ID(waybill, (waybill::capture_payment))
CAF_ADD_TYPE_ID(waybill, (waybill::void_payment))
CAF_ADD_TYPE_ID(waybill, (waybill::get_payment))
CAF_ADD_TYPE_ID(waybill, (waybill::provider_request))
CAF_ADD_TYPE_ID(waybill, (waybill::provider_lookup))
CAF_ADD_TYPE_ID(waybill, (waybill::provider_answer))

CAF_ADD_TYPE_ID(waybill, (waybill::delivery::state))
CAF_ADD_TYPE_ID(waybill, (waybill::request_delivery))
CAF_ADD_TYPE_ID(waybill, (waybill::cancel_delivery))
CAF_ADD_TYPE_ID(waybill, (waybill::get_delivery))
CAF_ADD_TYPE_ID(waybill, (waybill::courier_says))
CAF_ADD_TYPE_ID(waybill, (waybill::find_courier))
CAF_ADD_TYPE_ID(waybill, (waybill::courier_found))
CAF_ADD_TYPE_ID(waybill, (waybill::offer_delivery))
CAF_ADD_TYPE_ID(waybill, (waybill::courier_free))

CAF_ADD_TYPE_ID(waybill, (waybill::order_row))
CAF_ADD_TYPE_ID(waybill, (waybill::product_row))
CAF_ADD_TYPE_ID(waybill, (waybill::reservation_row))
CAF_ADD_TYPE_ID(waybill, (waybill::reservation_forgotten))
CAF_ADD_TYPE_ID(waybill, (waybill::notification_row))
CAF_ADD_TYPE_ID(waybill, (waybill::notification_read))
CAF_ADD_TYPE_ID(waybill, (waybill::append))
CAF_ADD_TYPE_ID(waybill, (waybill::appended))
CAF_ADD_TYPE_ID(waybill, (waybill::load_entity))
CAF_ADD_TYPE_ID(waybill, (waybill::stored_entity))
CAF_ADD_TYPE_ID(waybill, (waybill::find_reservation))
CAF_ADD_TYPE_ID(waybill, (waybill::found_reservation))
CAF_ADD_TYPE_ID(waybill, (waybill::list_due))
CAF_ADD_TYPE_ID(waybill, (waybill::due_page))
CAF_ADD_TYPE_ID(waybill, (waybill::read_log))
CAF_ADD_TYPE_ID(waybill, (waybill::log_page))
CAF_ADD_TYPE_ID(waybill, (waybill::get_log_end))
CAF_ADD_TYPE_ID(waybill, (waybill::log_position))
CAF_ADD_TYPE_ID(waybill, (waybill::list_orders))
CAF_ADD_TYPE_ID(waybill, (waybill::list_products))
CAF_ADD_TYPE_ID(waybill, (waybill::state_page))
CAF_ADD_TYPE_ID(waybill, (waybill::list_notifications))
CAF_ADD_TYPE_ID(waybill, (waybill::notification_page))
CAF_ADD_TYPE_ID(waybill, (waybill::check_store))
CAF_ADD_TYPE_ID(waybill, (waybill::log_advanced))
CAF_ADD_TYPE_ID(waybill, (waybill::read_feed))
CAF_ADD_TYPE_ID(waybill, (waybill::feed_page))

CAF_ADD_TYPE_ID(waybill, (waybill::mark_notifications_read))
CAF_ADD_TYPE_ID(waybill, (waybill::notifications_marked))

CAF_ADD_TYPE_ID(waybill, (waybill::region_handles))
CAF_ADD_TYPE_ID(waybill, (waybill::placement))
CAF_ADD_TYPE_ID(waybill, (waybill::list_actors))
CAF_ADD_TYPE_ID(waybill, (waybill::actor_list))
CAF_ADD_TYPE_ID(waybill, (waybill::inspect_actor))
CAF_ADD_TYPE_ID(waybill, (waybill::list_nodes))
CAF_ADD_TYPE_ID(waybill, (waybill::node_list))
CAF_ADD_TYPE_ID(waybill, (waybill::node_hello))
CAF_ADD_TYPE_ID(waybill, (waybill::node_welcome))

CAF_ADD_TYPE_ID(waybill, (waybill::retry_order))
CAF_ADD_TYPE_ID(waybill, (waybill::resolve_order))

CAF_ADD_TYPE_ID(waybill, (waybill::check_audit_unit))
CAF_ADD_TYPE_ID(waybill, (waybill::audit_unit_report))
CAF_ADD_TYPE_ID(waybill, (waybill::list_audit_units))
CAF_ADD_TYPE_ID(waybill, (waybill::audit_unit_page))
CAF_ADD_TYPE_ID(waybill, (waybill::get_audit_report))
CAF_ADD_TYPE_ID(waybill, (waybill::audit_report))
CAF_ADD_TYPE_ID(waybill, (waybill::run_full_audit))
CAF_ADD_TYPE_ID(waybill, (waybill::full_audit_progress))
CAF_ADD_TYPE_ID(waybill, (waybill::retire_entity))
CAF_ADD_TYPE_ID(waybill, (waybill::finish_hand_over))
CAF_ADD_TYPE_ID(waybill, (waybill::node_state))
CAF_ADD_TYPE_ID(waybill, (waybill::membership_changed))
CAF_ADD_TYPE_ID(waybill, (waybill::node_change))

CAF_ADD_TYPE_ID(waybill, (waybill::drain_node))
CAF_ADD_TYPE_ID(waybill, (waybill::kill_entity))
CAF_ADD_TYPE_ID(waybill, (waybill::apply_fault))
CAF_ADD_TYPE_ID(waybill, (waybill::fault_applied))
CAF_ADD_TYPE_ID(waybill, (waybill::inject_fault))
CAF_ADD_TYPE_ID(waybill, (waybill::get_injected_fault))
CAF_ADD_TYPE_ID(waybill, (waybill::injected_fault))
CAF_ADD_TYPE_ID(waybill, (waybill::user_view))
CAF_ADD_TYPE_ID(waybill, (waybill::signed_in))
CAF_ADD_TYPE_ID(waybill, (waybill::register_user))
CAF_ADD_TYPE_ID(waybill, (waybill::log_in))
CAF_ADD_TYPE_ID(waybill, (waybill::refresh_session))
CAF_ADD_TYPE_ID(waybill, (waybill::end_session))
CAF_ADD_TYPE_ID(waybill, (waybill::get_user))
CAF_ADD_TYPE_ID(waybill, (waybill::change_user))
CAF_ADD_TYPE_ID(waybill, (waybill::administer_user))
CAF_ADD_TYPE_ID(waybill, (waybill::hash_password))
CAF_ADD_TYPE_ID(waybill, (waybill::password_hash))
CAF_ADD_TYPE_ID(waybill, (waybill::verify_password))
CAF_ADD_TYPE_ID(waybill, (waybill::create_service_key))
CAF_ADD_TYPE_ID(waybill, (waybill::revoke_service_key))
CAF_ADD_TYPE_ID(waybill, (waybill::user_row))
CAF_ADD_TYPE_ID(waybill, (waybill::service_key_row))
CAF_ADD_TYPE_ID(waybill, (waybill::user_page))
CAF_ADD_TYPE_ID(waybill, (waybill::find_user))
CAF_ADD_TYPE_ID(waybill, (waybill::list_users))
CAF_ADD_TYPE_ID(waybill, (waybill::find_service_key))
CAF_ADD_TYPE_ID(waybill, (waybill::found_service_key))
CAF_ADD_TYPE_ID(waybill, (waybill::list_service_keys))
CAF_ADD_TYPE_ID(waybill, (waybill::service_key_page))
CAF_ADD_TYPE_ID(waybill, (waybill::courier::state))
CAF_ADD_TYPE_ID(waybill, (waybill::add_courier))
CAF_ADD_TYPE_ID(waybill, (waybill::get_courier))
CAF_ADD_TYPE_ID(waybill, (waybill::change_courier))
CAF_ADD_TYPE_ID(waybill, (waybill::remove_courier))
CAF_ADD_TYPE_ID(waybill, (waybill::assign_courier))
CAF_ADD_TYPE_ID(waybill, (waybill::release_courier))
CAF_ADD_TYPE_ID(waybill, (waybill::act_on_delivery))
CAF_ADD_TYPE_ID(waybill, (waybill::view_delivery))
CAF_ADD_TYPE_ID(waybill, (waybill::courier_row))
CAF_ADD_TYPE_ID(waybill, (waybill::delivery_row))
CAF_ADD_TYPE_ID(waybill, (waybill::list_couriers))
CAF_ADD_TYPE_ID(waybill, (waybill::list_deliveries))
CAF_ADD_TYPE_ID(waybill, (waybill::find_free_couriers))
CAF_ADD_TYPE_ID(waybill, (waybill::free_couriers))
CAF_ADD_TYPE_ID(waybill, (waybill::report_payment_outcome))

CAF_ADD_TYPE_ID(waybill, (waybill::refund_order))
CAF_ADD_TYPE_ID(waybill, (waybill::refund_accepted))
CAF_ADD_TYPE_ID(waybill, (waybill::hold_order))
CAF_ADD_TYPE_ID(waybill, (waybill::release_order))
CAF_ADD_TYPE_ID(waybill, (waybill::change_order))
CAF_ADD_TYPE_ID(waybill, (waybill::refund_payment))
CAF_ADD_TYPE_ID(waybill, (waybill::list_cluster_actors))

CAF_ADD_TYPE_ID(waybill, (waybill::create_webhook))
CAF_ADD_TYPE_ID(waybill, (waybill::get_webhook))
CAF_ADD_TYPE_ID(waybill, (waybill::change_webhook))
CAF_ADD_TYPE_ID(waybill, (waybill::remove_webhook))
CAF_ADD_TYPE_ID(waybill, (waybill::rotate_webhook_secret))
CAF_ADD_TYPE_ID(waybill, (waybill::replay_webhook))
CAF_ADD_TYPE_ID(waybill, (waybill::retry_webhook_delivery))
CAF_ADD_TYPE_ID(waybill, (waybill::webhook_view))
CAF_ADD_TYPE_ID(waybill, (waybill::post_webhook))
CAF_ADD_TYPE_ID(waybill, (waybill::webhook_answer))
CAF_ADD_TYPE_ID(waybill, (waybill::webhook_row))
CAF_ADD_TYPE_ID(waybill, (waybill::webhook_progress))
CAF_ADD_TYPE_ID(waybill, (waybill::webhook_removed))
CAF_ADD_TYPE_ID(waybill, (waybill::webhook_delivery_row))
CAF_ADD_TYPE_ID(waybill, (waybill::webhook_delivery_forgotten))
CAF_ADD_TYPE_ID(waybill, (waybill::list_webhooks))
CAF_ADD_TYPE_ID(waybill, (waybill::webhook_page))
CAF_ADD_TYPE_ID(waybill, (waybill::list_webhook_deliveries))
CAF_ADD_TYPE_ID(waybill, (waybill::webhook_delivery_page))
CAF_ADD_TYPE_ID(waybill, (waybill::test_webhook))

CAF_ADD_TYPE_ID(waybill, (waybill::abandon_request))
CAF_ADD_TYPE_ID(waybill, (waybill::find_callers))
CAF_ADD_TYPE_ID(waybill, (waybill::found_callers))

CAF_ADD_TYPE_ID(waybill, (waybill::allow_password_reset))
CAF_ADD_TYPE_ID(waybill, (waybill::password_reset))
CAF_ADD_TYPE_ID(waybill, (waybill::reset_password))
CAF_ADD_TYPE_ID(waybill, (waybill::password_verdict))

CAF_ADD_TYPE_ID(waybill, (waybill::adjust_stock_once))
CAF_ADD_TYPE_ID(waybill, (waybill::stock_adjusted_once))
CAF_ADD_TYPE_ID(waybill, (waybill::stock_adjustment_row))
CAF_ADD_TYPE_ID(waybill, (waybill::find_stock_adjustment))
CAF_ADD_TYPE_ID(waybill, (waybill::found_stock_adjustment))
CAF_ADD_TYPE_ID(waybill, (waybill::find_ended_orders))
CAF_ADD_TYPE_ID(waybill, (waybill::ended_orders))

CAF_ADD_TYPE_ID(waybill, (waybill::entity_wait))
CAF_ADD_TYPE_ID(waybill, (waybill::wake_in_line))

CAF_ADD_TYPE_ID(waybill, (waybill::get_order_progress))
CAF_ADD_TYPE_ID(waybill, (waybill::order_progress))
CAF_ADD_TYPE_ID(waybill, (waybill::list_retrying))
CAF_ADD_TYPE_ID(waybill, (waybill::retrying_list))
CAF_ADD_TYPE_ID(waybill, (waybill::read_stream_events))
CAF_ADD_TYPE_ID(waybill, (waybill::stream_events))

CAF_ADD_TYPE_ID(waybill, (waybill::bulk::state))
CAF_ADD_TYPE_ID(waybill, (waybill::start_bulk_action))
CAF_ADD_TYPE_ID(waybill, (waybill::bulk_action_started))
CAF_ADD_TYPE_ID(waybill, (waybill::get_bulk_action))
CAF_ADD_TYPE_ID(waybill, (waybill::stop_bulk_action))

CAF_ADD_TYPE_ID(waybill, (waybill::get_node_report))
CAF_ADD_TYPE_ID(waybill, (waybill::node_report))
CAF_ADD_TYPE_ID(waybill, (waybill::pay_order))
CAF_ADD_TYPE_ID(waybill, (waybill::order_paid))

CAF_ADD_TYPE_ID(waybill, (waybill::count_orders))
CAF_ADD_TYPE_ID(waybill, (waybill::order_counts))

CAF_ADD_TYPE_ID(waybill, (waybill::put_function))
CAF_ADD_TYPE_ID(waybill, (waybill::function_saved))
CAF_ADD_TYPE_ID(waybill, (waybill::get_function))
CAF_ADD_TYPE_ID(waybill, (waybill::function::state))
CAF_ADD_TYPE_ID(waybill, (waybill::roll_back_function))
CAF_ADD_TYPE_ID(waybill, (waybill::remove_function))
CAF_ADD_TYPE_ID(waybill, (waybill::invoke_function))
CAF_ADD_TYPE_ID(waybill, (waybill::function_ran))
CAF_ADD_TYPE_ID(waybill, (waybill::check_source))
CAF_ADD_TYPE_ID(waybill, (waybill::source_checked))
CAF_ADD_TYPE_ID(waybill, (waybill::run_source))
CAF_ADD_TYPE_ID(waybill, (waybill::list_functions))
CAF_ADD_TYPE_ID(waybill, (waybill::function_page))
CAF_ADD_TYPE_ID(waybill, (waybill::gather_node_reports))
CAF_ADD_TYPE_ID(waybill, (waybill::node_reports))

CAF_ADD_TYPE_ID(waybill, (waybill::function_view))
CAF_ADD_TYPE_ID(waybill, (waybill::refresh_guards))
CAF_ADD_TYPE_ID(waybill, (waybill::create_sink))
CAF_ADD_TYPE_ID(waybill, (waybill::get_sink))
CAF_ADD_TYPE_ID(waybill, (waybill::change_sink))
CAF_ADD_TYPE_ID(waybill, (waybill::remove_sink))
CAF_ADD_TYPE_ID(waybill, (waybill::sink_view))
CAF_ADD_TYPE_ID(waybill, (waybill::publish_batch))
CAF_ADD_TYPE_ID(waybill, (waybill::sink_row))
CAF_ADD_TYPE_ID(waybill, (waybill::sink_progress))
CAF_ADD_TYPE_ID(waybill, (waybill::sink_removed))
CAF_ADD_TYPE_ID(waybill, (waybill::list_sinks))
CAF_ADD_TYPE_ID(waybill, (waybill::sink_page))

CAF_ADD_TYPE_ID(waybill, (waybill::get_function_revision))
CAF_ADD_TYPE_ID(waybill, (waybill::function_revision))

CAF_ADD_TYPE_ID(waybill, (waybill::push_notification))
CAF_ADD_TYPE_ID(waybill, (waybill::notification_pushed))
CAF_ADD_TYPE_ID(waybill, (waybill::trace_messages))
CAF_ADD_TYPE_ID(waybill, (waybill::message_trace))

CAF_END_TYPE_ID_BLOCK(waybill)

CAF_ERROR_CODE_ENUM(waybill::ec)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(waybill::feed_page)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(waybill::publish_batch)
