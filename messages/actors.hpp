#pragma once

#include "messages/abandon.hpp"
#include "messages/journal/queries.hpp"
#include "messages/type_ids.hpp"

#include <caf/result.hpp>
#include <caf/typed_actor.hpp>

/// Every typed actor handle of Waybill; those of functions stand in messages/functions/function_actors.hpp. For each
/// handle: what the actor owns. For each message: what the actor does, and how the request can fail. Every request can
/// also fail with ec::unavailable, ec::overloaded, ec::timed_out and ec::shutting_down; it is safe to repeat it then.
///
/// An entity (an order, a product, ...) is one actor on one node. A region has the same handle type: it takes commands
/// for all entities of its kind and forwards each to the actor of the entity, on this node or on another. So commands
/// are sent to the region of the own node.
namespace waybill {

/// The messages that every entity and every region takes.
using entity_actor = caf::typed_actor<
  // Loads the entity, which continues its unfinished work. Fails with not_found.
  caf::result<void>(resume_entity),
  // The timer of the entity has expired.
  caf::result<void>(wake_up),
  // Another node owns the entity now: the actor ends.
  caf::result<void>(retire_entity),
  // Answers with the state as text, for people and tools. Fails with not_found.
  caf::result<entity_description>(describe_entity)>;

/// Owns one order and carries out its saga: reserves stock, authorises the payment, requests the delivery, settles.
using order_actor = entity_actor::extend<
  // Stores the order, then answers; the saga continues after the answer. Fails with idempotency_key_reused.
  caf::result<order_placed>(place_order),
  // Answers with the state. Fails with not_found.
  caf::result<order::state>(get_order),
  // Answers when the order is settled or the deadline has passed. Fails with not_found.
  caf::result<order::state>(await_order),
  // Starts the cancellation and answers with the order, which is `cancelling` or `cancelled` then. Fails with
  // not_found, version_mismatch, illegal_transition when a courier has started or the order is final.
  caf::result<order::state>(cancel_order),
  // Tells the order to ask for the state of its delivery now. Answers when the order has recorded that, or does not
  // wait for it. Fails with unavailable, moved: then it must be told again.
  caf::result<void>(delivery_ended),
  // Repeats the step that failed, if the order needs attention; does nothing while the order is under way. Fails with
  // not_found, version_mismatch, conflict while an operator resolves the order, illegal_transition when it is final.
  caf::result<order::state>(retry_order),
  // Gives back the stock and the money that the order still holds, then ends it with the outcome that the operator
  // states. Fails with not_found, version_mismatch, invalid_argument, conflict while another operator does the same,
  // illegal_transition when the outcome contradicts the state of the payment or the delivery; then everything that was
  // given back stays given back.
  caf::result<order::state>(resolve_order),
  // Stores the request, then answers; the payment is refunded after the answer. Fails with not_found,
  // version_mismatch, illegal_transition unless the order is completed and money is left to refund, invalid_argument
  // when less is left than the amount, idempotency_key_reused when the id was used for another refund.
  caf::result<refund_accepted>(refund_order),
  // Hold the order before its dispatch, and release it; do nothing when it is held or released already. Fail with
  // not_found, version_mismatch, illegal_transition when the dispatch has begun or the order is final.
  caf::result<order::state>(hold_order), caf::result<order::state>(release_order),
  // Changes the address, the note or the lines, and answers when the change is complete. Stock and money for new lines
  // are got first; when one of them fails, nothing is changed. Fails with not_found, version_mismatch,
  // illegal_transition when the dispatch has begun or the order is final, invalid_argument, conflict while another
  // revision is under way, out_of_stock, provider_refused, timed_out.
  caf::result<order::state>(change_order),
  // Stores how an order that is paid later is paid, then answers; the payment is authorised after the answer. Fails
  // with not_found, version_mismatch, idempotency_key_reused, illegal_transition when somebody has paid before, when it
  // is not paid later, or when its status does not allow it any more.
  caf::result<order_paid>(pay_order),
  // Answers with how far it has come. The region answers for an order that is not in memory. Fails with not_found.
  caf::result<order_progress>(get_order_progress)>;

/// Owns one product: its entry in the catalogue and its stock.
using product_actor = entity_actor::extend<
  // Adds the product. Fails with duplicate when another product has the SKU.
  caf::result<product_view>(create_product),
  // Answers with the product. Fails with not_found.
  caf::result<product_view>(get_product),
  // Changes SKU, name or price. Fails with not_found, version_mismatch, product_withdrawn, duplicate.
  caf::result<product_view>(change_product),
  // Takes the product out of sale; reserved stock stays reserved. Fails with not_found, version_mismatch.
  caf::result<product_view>(withdraw_product),
  // Adds to the stock or takes from it. Fails with not_found, version_mismatch, invalid_argument when less than the
  // reserved stock would be left. After a time-out read the product before you repeat it: an adjustment has no id.
  caf::result<product_view>(adjust_stock),
  // The same under an id. Fails also with idempotency_key_reused when the id came with other values before, and with
  // idempotency_in_progress while the first one is under way.
  caf::result<stock_adjusted_once>(adjust_stock_once),
  // Stores a reservation or a rejection; a repeated request gets the first answer. Fails with not_found,
  // product_withdrawn, deadline_exceeded.
  caf::result<stock_answer>(reserve_stock),
  // Takes the reserved goods off the stock. Fails with not_found, out_of_stock when the reservation was over and too
  // little is left.
  caf::result<stock_answer>(commit_stock),
  // Ends the reservation; the goods are available again. Fails with not_found.
  caf::result<stock_answer>(release_stock)>;

/// Owns one payment of an order. Every command answers with the state when its outcome is recorded. When the provider
/// does not answer in time, it answers with the state in which the operation is still under way: ask again.
using payment_actor = entity_actor::extend<
  // Authorises the amount. Fails with idempotency_key_reused, illegal_transition when the payment was voided before.
  caf::result<payment::state>(authorize_payment),
  // Captures the authorised amount. Fails with not_found, illegal_transition, provider_refused.
  caf::result<payment::state>(capture_payment),
  // Voids the authorisation; closes a payment that was never authorised, so that a late authorisation is refused. Fails
  // with illegal_transition when the payment is captured.
  caf::result<payment::state>(void_payment),
  // Records what the provider reports of the operation under way. Ignores a report of another operation, so a report
  // may come twice, late, or together with the answer to the request. Fails with not_found.
  caf::result<payment::state>(report_payment_outcome),
  // Answers with the state. Fails with not_found.
  caf::result<payment::state>(get_payment),
  // Refunds a part of the captured amount; `refunds` in the state says whether the provider did it. Fails with
  // not_found, illegal_transition, invalid_argument, idempotency_key_reused, conflict while another refund is under
  // way.
  caf::result<payment::state>(refund_payment)>;

/// A payment provider. It may answer late or never.
using payment_provider_actor = caf::typed_actor<
  // Carries out the operation, at most once per key.
  caf::result<provider_answer>(provider_request),
  // Answers with the outcome of the operation with that key.
  caf::result<provider_answer>(provider_lookup)>;

/// Owns one delivery: offers it to couriers, one after the other, until one completes it.
using delivery_actor = entity_actor::extend<
  // Stores the delivery, then answers with its state. Fails with idempotency_key_reused, illegal_transition when it was
  // cancelled before.
  caf::result<delivery::state>(request_delivery),
  // Cancels the delivery. Fails with illegal_transition when a courier has started or the delivery is final.
  caf::result<delivery::state>(cancel_delivery),
  // Records what a simulated courier answers or reports. Fails with not_found, conflict, illegal_transition.
  caf::result<delivery::state>(courier_says),
  // Answers with the state. Fails with not_found.
  caf::result<delivery::state>(get_delivery),
  // Records what a real courier, or an operator for them, answers or reports. Fails with not_found when the delivery is
  // another courier's, illegal_transition when the offer has expired or the status does not allow it, conflict when the
  // courier has no place left.
  caf::result<delivery::state>(act_on_delivery),
  // Answers with the state. Fails with not_found, also when the delivery is another courier's.
  caf::result<delivery::state>(view_delivery)>;

/// Owns one courier: the number of places they have, and the deliveries that take a place.
using courier_actor = entity_actor::extend<
  // Adds the courier. Fails with duplicate, invalid_argument.
  caf::result<courier::state>(add_courier),
  // Answers with the state. Fails with not_found.
  caf::result<courier::state>(get_courier),
  // Changes name or capacity, or goes online or offline. Fails with not_found, version_mismatch, invalid_argument.
  caf::result<courier::state>(change_courier),
  // Removes the courier. Fails with not_found, version_mismatch, illegal_transition while they have deliveries.
  caf::result<courier::state>(remove_courier),
  // Stores that the delivery takes a place; a repeated request gets the same answer. Fails with not_found, conflict
  // when no place is free.
  caf::result<void>(assign_courier),
  // Frees the place of the delivery; does nothing when the delivery has none.
  caf::result<void>(release_courier)>;

/// Finds couriers for the deliveries of a node: simulated couriers of its own, real couriers, or real ones first.
using courier_pool_actor = caf::typed_actor<
  // The regions that couriers report to. Sent once, before any other message.
  caf::result<void>(region_handles),
  // Answers with a courier when one has time, and keeps that courier for this delivery for a short time. Fails with
  // overloaded.
  caf::result<courier_found>(find_courier),
  // Passes the offer on to the courier; the answer goes to the delivery as courier_says. Fails with not_found.
  caf::result<void>(offer_delivery),
  // A courier of this pool has time again.
  caf::result<void>(courier_free)>;

/// Owns one user: the account and its sessions. password_hasher_actor hashes the passwords.
using user_actor = entity_actor::extend<
  // Creates the account and its first session. Fails with duplicate when another account has the e-mail, overloaded.
  caf::result<signed_in>(register_user),
  // Opens a session. Fails with overloaded, unauthenticated (after the same time for a wrong password as for no user).
  caf::result<signed_in>(log_in),
  // Replaces the refresh token of a session, or tells what took its place a moment ago. Fails with unauthenticated;
  // ends the session when the token was replaced before.
  caf::result<signed_in>(refresh_session),
  // Ends the session; does nothing when there is no such session.
  caf::result<void>(end_session),
  // Answers with the account. Fails with not_found.
  caf::result<user_view>(get_user),
  // Changes name, e-mail or password. Fails with not_found, version_mismatch, duplicate, unauthenticated (password).
  caf::result<user_view>(change_user),
  // Changes roles, disables or enables the account. Fails with not_found, version_mismatch.
  caf::result<user_view>(administer_user),
  // Lets the password be reset with a code, once. Fails with not_found.
  caf::result<password_reset>(allow_password_reset),
  // Resets the password and ends all sessions. Fails with unauthenticated when the code does not hold; overloaded.
  caf::result<void>(reset_password)>;

/// Hashes passwords, which is slow by design. Fails with overloaded when too many requests wait.
using password_hasher_actor = caf::typed_actor<
  // Hashes with the configured cost and a new salt.
  caf::result<password_hash>(hash_password),
  // Answers whether the password has that hash. Without a hash it takes the same time and is wrong.
  caf::result<password_verdict>(verify_password)>;

/// Creates and revokes the keys of machines. One on every node with a gateway.
using service_keys_actor = caf::typed_actor<
  // Stores the key. Fails with conflict.
  caf::result<service_key_row>(create_service_key),
  // Revokes the key; does nothing when it is revoked already. Fails with not_found.
  caf::result<service_key_row>(revoke_service_key)>;

/// One simulated courier: declines or accepts an offer, starts, completes, aborts, or stops answering.
using simulated_courier_actor = caf::typed_actor<
  // Takes the offer; what the courier does with it goes to the delivery as courier_says.
  caf::result<void>(offer_delivery)>;

/// Owns one webhook endpoint: its settings, its position in the event log, and the messages that wait for a retry.
using webhook_actor = entity_actor::extend<
  // Creates the endpoint. Fails with duplicate, invalid_argument for a URL that may not be called.
  caf::result<webhook_view>(create_webhook),
  // Answers with the endpoint, without its secrets. Fails with not_found.
  caf::result<webhook_view>(get_webhook),
  // Changes URL, types or description, enables or disables. Fails with not_found, version_mismatch, and as creating it.
  caf::result<webhook_view>(change_webhook),
  // Deletes the endpoint and its secrets. Fails with not_found, version_mismatch.
  caf::result<void>(remove_webhook),
  // Replaces the secret. Fails with not_found.
  caf::result<webhook_view>(rotate_webhook_secret),
  // Stores the request to send a range of the log again, then answers. Fails with not_found, illegal_transition while
  // the endpoint is disabled, conflict while another replay is under way.
  caf::result<webhook_view>(replay_webhook),
  // Sends one message again. Fails with not_found when there is no such endpoint or message, illegal_transition while
  // the endpoint is disabled.
  caf::result<webhook_delivery_row>(retry_webhook_delivery),
  // Answers with what the receiver said to a test message. Fails with not_found, conflict while another one is under
  // way.
  caf::result<webhook_answer>(test_webhook)>;

/// Owns one bulk action: sends its commands to a few orders at a time and records what became of each.
using bulk_action_actor = entity_actor::extend<
  // Stores what is to be done, then answers. Fails with idempotency_key_reused, invalid_argument for no orders, too
  // many, or one that comes twice.
  caf::result<bulk_action_started>(start_bulk_action),
  // Answers with the state. Fails with not_found.
  caf::result<bulk::state>(get_bulk_action),
  // No other order is begun from then on; does nothing when it is over. Fails with not_found.
  caf::result<bulk::state>(stop_bulk_action)>;

/// Makes HTTP requests to the receivers of webhooks.
using webhook_sender_actor = caf::typed_actor<
  // Makes one attempt. Always answers.
  caf::result<webhook_answer>(post_webhook)>;

/// Keeps each customer's notifications: makes them of events, and takes those of people. One in the whole cluster.
using notifier_actor = caf::typed_actor<
  // New events may be in the log.
  caf::result<void>(log_advanced),
  // Marks one notification of the customer, or all of them, as read. Fails with not_found.
  caf::result<notifications_marked>(mark_notifications_read),
  // Stores a notification, then answers with it; a repeated one gets the first answer. Fails with invalid_argument when
  // the customer has no such order, idempotency_key_reused when the intent came with another one before.
  caf::result<notification_pushed>(push_notification)>;

/// Owns a connection to the database and commits the appends of many entities together (group commit). Detached: it
/// blocks.
using journal_actor = caf::typed_actor<
  // Answers after the commit. Fails with conflict when the stream is not at the expected version, duplicate when
  // another entity has a value that must be unique, unavailable when the database could not be reached for too long.
  caf::result<appended>(append)>;

/// A handle with one signature for each query of a list.
template <class... Answer, class... Query>
caf::typed_actor<caf::result<void>(abandon_request), caf::result<Answer>(Query)...>
  reader_of(boost::mp11::mp_list<Answer(Query)...>);

/// Reads the database. Detached: it blocks. It answers every query in messages/journal/queries.hpp, where a line for
/// each says with what; all may fail with unavailable. A query that was abandoned before its turn is not made.
using reader_actor = decltype(reader_of(all_queries{}));

/// Checks the invariants on what is stored, over a connection of its own. Detached: it blocks. Every request may fail
/// with unavailable.
using audit_checker_actor = caf::typed_actor<
  // Checks one unit and answers with the violations.
  caf::result<audit_unit_report>(check_audit_unit),
  // Answers with a page of all units.
  caf::result<audit_unit_page>(list_audit_units),
  // A page of the event log, as reader_actor answers it.
  caf::result<log_page>(read_log)>;

/// Checks everything that is stored, once, on request.
using full_auditor_actor = caf::typed_actor<
  // Starts or continues the check and answers with its progress. Fails with conflict while a check with another token
  // is under way, unavailable.
  caf::result<full_audit_progress>(run_full_audit)>;

/// Follows the event log for all subscribers of its node.
using event_feed_actor = caf::typed_actor<
  // Answers with the events behind a position; waits for them if the request says so. Fails with unavailable.
  caf::result<feed_page>(read_feed),
  // Nothing more is read for the request.
  caf::result<void>(abandon_request),
  // New events may be in the log.
  caf::result<void>(log_advanced)>;

/// Knows which entities repeat something because an attempt came to nothing.
using retrying_actor = caf::typed_actor<
  // Answers with a page of them. Fails with unavailable when an owner does not answer.
  caf::result<retrying_list>(list_retrying)>;

/// Controls the region of one kind on one node.
using region_control_actor = caf::typed_actor<
  // The regions that the entities of this region send commands to. Sent once, before any other message.
  caf::result<void>(region_handles),
  // The region hands over shards that this node lost, takes over those that it got, and forwards commands to the
  // owners.
  caf::result<void>(placement),
  // The entity may be passivated.
  caf::result<void>(entity_idle),
  // Answers with how many entities of this region were woken; zero: none stands in line. Fails with unavailable.
  caf::result<std::uint32_t>(wake_in_line),
  // Answers when all entities of handed-over shards have ended.
  caf::result<void>(finish_hand_over),
  // Answers with the entities that are active here; the second as retrying_actor does.
  caf::result<actor_list>(list_actors), caf::result<retrying_list>(list_retrying),
  // Ends an entity at once, for fault injection; false when it is not active here.
  caf::result<bool>(kill_entity)>;

using order_region_actor = order_actor::extend_with<region_control_actor>;
using product_region_actor = product_actor::extend_with<region_control_actor>;
using payment_region_actor = payment_actor::extend_with<region_control_actor>;
using delivery_region_actor = delivery_actor::extend_with<region_control_actor>;
using courier_region_actor = courier_actor::extend_with<region_control_actor>;
using user_region_actor = user_actor::extend_with<region_control_actor>;
using bulk_action_region_actor = bulk_action_actor::extend_with<region_control_actor>;
using webhook_region_actor = webhook_actor::extend_with<region_control_actor>;

/// The node API: what other nodes and the shell ask a node.
using node_actor = caf::typed_actor<
  // Answers with the node's name and regions. Fails with incompatible_peer.
  caf::result<node_welcome>(node_hello),
  // Answers when this node has read the membership table.
  caf::result<void>(membership_changed), caf::result<node_list>(list_nodes),
  // Answers with the actors of this node.
  caf::result<actor_list>(list_actors),
  // Answers with the actors of all nodes, or of the named one. Fails with not_found when that node cannot be reached.
  caf::result<actor_list>(list_cluster_actors),
  // Describes one entity, on whatever node it is. Fails with not_found, invalid_argument for an unknown type.
  caf::result<entity_description>(inspect_actor),
  // Pages of the event log. Fails with unavailable.
  caf::result<log_page>(read_log), caf::result<log_position>(get_log_end),
  // Forwarded to the order, on whatever node it is. Fail as those of order_actor.
  caf::result<order::state>(retry_order), caf::result<order::state>(resolve_order),
  // Answers with what the cluster's auditor has found. Fails with unavailable.
  caf::result<audit_report>(get_audit_report),
  // Forwarded to the full_auditor_actor of this node.
  caf::result<full_audit_progress>(run_full_audit)>;

/// Drains a node, or applies a fault to it. A handle of its own, so that a node whose program does not know these
/// messages yet still counts as a node_actor.
using node_control_actor = caf::typed_actor<
  // Starts the shutdown, then answers. Fails with not_found when there is no such node, conflict when no other node has
  // one of its roles.
  caf::result<void>(drain_node),
  // Answers just before the fault happens. Fails with not_found when there is no such node, conflict when the node does
  // not apply faults.
  caf::result<fault_applied>(apply_fault)>;

/// What operators ask a node of orders, bulk actions, webhooks and of itself. A handle of its own for the same reason.
using node_operations_actor = caf::typed_actor<
  // A page of the orders, as reader_actor answers it, without what no client may see.
  caf::result<state_page>(list_orders),
  // As of order_actor; what is stored of an order that is not in memory must be read elsewhere. Fails with not_found.
  caf::result<order_progress>(get_order_progress),
  // Forwarded to the bulk action, on whatever node it is. Fail as those of bulk_action_actor.
  caf::result<bulk_action_started>(start_bulk_action), caf::result<bulk::state>(get_bulk_action),
  caf::result<bulk::state>(stop_bulk_action),
  // As reader_actor answers them.
  caf::result<webhook_page>(list_webhooks), caf::result<webhook_delivery_page>(list_webhook_deliveries),
  // Forwarded to the endpoint. Fails as that of webhook_actor.
  caf::result<webhook_delivery_row>(retry_webhook_delivery),
  // Answers with what this node has measured of itself.
  caf::result<node_report>(get_node_report),
  // Begins to note an order's messages, or answers with those since. Fails with invalid_argument, overloaded.
  caf::result<message_trace>(trace_messages)>;

/// The actor that a node publishes. Answers its gateway with what all nodes have measured that can be reached.
using node_api_actor =
  node_actor::extend_with<node_control_actor>::extend_with<node_operations_actor>::extend<caf::result<node_reports>(
    gather_node_reports)>;

/// Keeps what a node has measured of itself in the last hour.
using node_reporter_actor = caf::typed_actor<
  // Answers with it.
  caf::result<node_report>(get_node_report),
  // Notes what the metrics say now; sent by itself once a minute.
  caf::result<void>(caf::tick_atom)>;

/// Injects faults into the cluster, one at a time.
using fault_injector_actor = caf::typed_actor<
  // Answers when the fault has begun, with its steps so far. Fails with conflict when another fault is under way, a
  // node was not started with --chaos=on, or the cluster is too small; not_found when there is no such order.
  caf::result<injected_fault>(inject_fault),
  // Answers with the last fault. Fails with not_found when there was none.
  caf::result<injected_fault>(get_injected_fault)>;

} // namespace waybill
