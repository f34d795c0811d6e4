#pragma once

#include "messages/type_ids.hpp"

#include <caf/result.hpp>
#include <caf/typed_actor.hpp>

/// Every typed actor handle of Waybill: what each owns, what it can be asked, and when it fails. Every request may also
/// fail with ec::unavailable, ec::overloaded, ec::timed_out and ec::shutting_down, after which repeating it is safe.
///
/// An entity's handle is also the type of its region: send a command to the region of the kind, on any node, and it
/// reaches the one actor that owns the entity, wherever that is.
namespace waybill {

/// Part of every entity and region.
using entity_actor = caf::typed_actor<
  // Loads the entity and goes on with what it had not finished. Fails with not_found.
  caf::result<void>(resume_entity),
  // A timer that the entity asked its region for.
  caf::result<void>(wake_up),
  // Another node owns the entity now.
  caf::result<void>(retire_entity),
  // The state for people and tools. Fails with not_found.
  caf::result<entity_description>(describe_entity)>;

/// Owns one order and orchestrates its saga.
using order_actor = entity_actor::extend<
  // Makes the order durable, then answers; the saga goes on by itself. Fails with idempotency_key_reused.
  caf::result<order_placed>(place_order),
  // Fails with not_found.
  caf::result<order::state>(get_order),
  // Waits until the order is settled or the deadline has passed. Fails with not_found.
  caf::result<order::state>(await_order),
  // Starts the cancellation and answers with the order as it then is, `cancelling` or `cancelled`. Fails with
  // not_found, version_mismatch, and illegal_transition when a courier is under way or the order is over.
  caf::result<order::state>(cancel_order),
  // Takes note; never fails.
  caf::result<void>(delivery_ended),
  // Goes on with the step that could not be done, if the order needs attention; changes nothing while it is under way.
  // Fails with not_found, version_mismatch, conflict while somebody resolves it, illegal_transition when it is over.
  caf::result<order::state>(retry_order),
  // Gives back what the order still holds, then ends it with the outcome that the operator states. Fails with
  // not_found, version_mismatch, invalid_argument, conflict while somebody else does it, illegal_transition when the
  // outcome contradicts what happened to the money or the goods; what was given back until then stays so.
  caf::result<order::state>(resolve_order),
  // Makes the wish durable, then answers; the money follows by itself. Fails with not_found, version_mismatch,
  // illegal_transition unless the order is completed and something is left, invalid_argument for too much of it,
  // idempotency_key_reused when the id was used for another refund.
  caf::result<refund_accepted>(refund_order),
  // Keeps the order from its dispatch, or lets it go on; nothing changes when that holds already. Fail with not_found,
  // version_mismatch, illegal_transition when the dispatch has begun or the order is over.
  caf::result<order::state>(hold_order), caf::result<order::state>(release_order),
  // Changes what was ordered, and answers when that is done; other lines are reserved and authorised first, or it
  // fails as a whole. Fails with not_found, version_mismatch, illegal_transition when the dispatch has begun or the
  // order is over, invalid_argument, conflict while other lines are under way, out_of_stock, provider_refused,
  // timed_out.
  caf::result<order::state>(change_order)>;

/// Owns one product: its entry in the catalogue and its stock.
using product_actor = entity_actor::extend<
  // Fails with duplicate when another product has the SKU.
  caf::result<product_view>(create_product),
  // Fails with not_found.
  caf::result<product_view>(get_product),
  // Fails with not_found, version_mismatch, product_withdrawn, duplicate.
  caf::result<product_view>(change_product),
  // Takes it out of sale; what is reserved stays reserved. Fails with not_found, version_mismatch.
  caf::result<product_view>(withdraw_product),
  // Fails with not_found, version_mismatch, invalid_argument when less than what is reserved would be left. After a
  // failure that leaves the outcome open, look before repeating it: an adjustment has no id of its own.
  caf::result<product_view>(adjust_stock),
  // Reserves or rejects, durably; a repeated call gets the first answer. Fails with not_found, product_withdrawn,
  // deadline_exceeded.
  caf::result<stock_answer>(reserve_stock),
  // Fails with not_found, out_of_stock when the reservation had expired and nothing is left.
  caf::result<stock_answer>(commit_stock),
  // Fails with not_found.
  caf::result<stock_answer>(release_stock)>;

/// Owns the payment of one order. Each command answers with the state once its outcome is recorded, or, when the
/// provider does not answer in time, with the intent still under way: ask again.
using payment_actor = entity_actor::extend<
  // Fails with idempotency_key_reused, illegal_transition when the payment was voided before.
  caf::result<payment::state>(authorize_payment),
  // Fails with not_found, illegal_transition, provider_refused.
  caf::result<payment::state>(capture_payment),
  // Gives back what is authorised, and closes a payment that never was. Fails with illegal_transition when captured.
  caf::result<payment::state>(void_payment),
  // Records what the provider says of the operation under way; changes nothing for any other, so that it may come
  // twice, late, or at the same time as the answer to the call. Fails with not_found.
  caf::result<payment::state>(report_payment_outcome),
  // Fails with not_found.
  caf::result<payment::state>(get_payment),
  // Gives a part of what is captured back; whether the provider did is in the state's refunds. Fails with not_found,
  // illegal_transition, invalid_argument, idempotency_key_reused, conflict while another refund is under way.
  caf::result<payment::state>(refund_payment)>;

/// A payment provider. Answers may be late or never come.
using payment_provider_actor = caf::typed_actor<
  // Does it at most once per key.
  caf::result<provider_answer>(provider_request),
  // Says what became of a key.
  caf::result<provider_answer>(provider_lookup)>;

/// Owns one delivery: offers it to couriers until one completes it.
using delivery_actor = entity_actor::extend<
  // Makes the job durable, then answers with its state. Fails with idempotency_key_reused, illegal_transition when it
  // was cancelled before.
  caf::result<delivery::state>(request_delivery),
  // Fails with illegal_transition when a courier has started or the delivery is over.
  caf::result<delivery::state>(cancel_delivery),
  // A courier's answer or report. Fails with not_found, conflict, illegal_transition.
  caf::result<delivery::state>(courier_says),
  // Fails with not_found.
  caf::result<delivery::state>(get_delivery),
  // The same of a real courier or an operator. Fails with not_found for what is another courier's, illegal_transition
  // for an offer that has passed or a word that does not fit the status, conflict when the courier has no place left.
  caf::result<delivery::state>(act_on_delivery),
  // Fails with not_found, for another courier's too.
  caf::result<delivery::state>(view_delivery)>;

/// Owns one courier: decides alone how many deliveries they have at once.
using courier_actor = entity_actor::extend<
  // Fails with duplicate, invalid_argument.
  caf::result<courier::state>(add_courier),
  // Fails with not_found.
  caf::result<courier::state>(get_courier),
  // Fails with not_found, version_mismatch, invalid_argument.
  caf::result<courier::state>(change_courier),
  // Fails with not_found, version_mismatch, illegal_transition while they have deliveries.
  caf::result<courier::state>(remove_courier),
  // Takes a place, durably; a repeated call gets the same answer. Fails with not_found, conflict when none is free.
  caf::result<void>(assign_courier),
  // Gives it back; never fails for one that is not taken.
  caf::result<void>(release_courier)>;

/// Finds couriers for the deliveries of a node: simulated ones of its own, or real ones.
using courier_pool_actor = caf::typed_actor<
  // Whom the couriers report to; sent once, before anything else.
  caf::result<void>(region_handles),
  // Answers when a courier has time, who then keeps it for this delivery for a moment. Fails with overloaded.
  caf::result<courier_found>(find_courier),
  // Hands the offer to the courier; their answer comes as courier_says to the delivery. Fails with not_found.
  caf::result<void>(offer_delivery),
  // A courier of this pool has time again.
  caf::result<void>(courier_free)>;

/// Owns one user: who they are and the sessions in which they are signed in. Passwords are hashed elsewhere.
using user_actor = entity_actor::extend<
  // Makes the account and its first session. Fails with duplicate when there is an account of that e-mail, overloaded.
  caf::result<signed_in>(register_user),
  // Opens a session. Fails with unauthenticated, in the same time for a wrong password and an unknown user; overloaded.
  caf::result<signed_in>(log_in),
  // Rotates a session's refresh token. Fails with unauthenticated, and ends the session if the token was used before.
  caf::result<signed_in>(refresh_session),
  // Ends the session; never fails for one that is not there.
  caf::result<void>(end_session),
  // Fails with not_found.
  caf::result<user_view>(get_user),
  // Fails with not_found, version_mismatch, duplicate, unauthenticated for a wrong current password.
  caf::result<user_view>(change_user),
  // Fails with not_found, version_mismatch.
  caf::result<user_view>(administer_user)>;

/// Hashes passwords, which takes long by design. Fails with overloaded when too many wait.
using password_hasher_actor = caf::typed_actor<
  // With the configured cost and a new salt.
  caf::result<password_hash>(hash_password),
  // Whether it is the password of the hash. Takes as long, and says no, without a hash.
  caf::result<bool>(verify_password)>;

/// Makes and revokes the keys of machines. On every node with a gateway.
using service_keys_actor = caf::typed_actor<
  // Fails with conflict.
  caf::result<service_key_row>(create_service_key),
  // Fails with not_found; changes nothing when it is revoked already.
  caf::result<service_key_row>(revoke_service_key)>;

/// One simulated courier: answers offers, starts, completes, aborts or vanishes.
using simulated_courier_actor = caf::typed_actor<
  // Takes note of the offer.
  caf::result<void>(offer_delivery)>;

/// Owns one webhook endpoint: what it wants to know, how far it has been told, and the messages that are tried again.
using webhook_actor = entity_actor::extend<
  // Fails with duplicate, invalid_argument for a URL that may not be called.
  caf::result<webhook_view>(create_webhook),
  // Fails with not_found.
  caf::result<webhook_view>(get_webhook),
  // Fails with not_found, version_mismatch, invalid_argument as above.
  caf::result<webhook_view>(change_webhook),
  // Fails with not_found, version_mismatch.
  caf::result<void>(remove_webhook),
  // Fails with not_found.
  caf::result<webhook_view>(rotate_webhook_secret),
  // Answers when the wish is durable. Fails with not_found, illegal_transition while the endpoint is disabled, conflict
  // while another replay is under way.
  caf::result<webhook_view>(replay_webhook),
  // Fails with not_found when there is no such endpoint or message, illegal_transition while the endpoint is disabled.
  caf::result<webhook_delivery_row>(retry_webhook_delivery)>;

/// Makes HTTP requests to the receivers of webhooks.
using webhook_sender_actor = caf::typed_actor<
  // One attempt; always answers.
  caf::result<webhook_answer>(post_webhook)>;

/// Turns events into each customer's notifications. One in the whole cluster.
using notifier_actor = caf::typed_actor<
  // A hint to read on.
  caf::result<void>(log_advanced),
  // Fails with not_found.
  caf::result<notifications_marked>(mark_notifications_read)>;

/// Owns a connection to the database and commits appends in groups. Detached: it blocks.
using journal_actor = caf::typed_actor<
  // Answers after the commit. Fails with conflict when the stream is not at the expected version, with duplicate when a
  // unique value is taken; unavailable when the database stayed away for too long.
  caf::result<appended>(append)>;

/// Reads the database. Detached: it blocks. Every query may fail with unavailable.
using reader_actor = caf::typed_actor<
  // Version zero when there is none.
  caf::result<stored_entity>(load_entity),
  // Empty when there is none.
  caf::result<found_reservation>(find_reservation),
  // Sorted by id.
  caf::result<unfinished_page>(list_unfinished),
  // Never skips an event.
  caf::result<log_page>(read_log), caf::result<log_position>(get_log_end), caf::result<state_page>(list_orders),
  caf::result<state_page>(list_products), caf::result<notification_page>(list_notifications),
  // Empty, or one.
  caf::result<user_page>(find_user), caf::result<user_page>(list_users),
  caf::result<found_service_key>(find_service_key), caf::result<service_key_page>(list_service_keys),
  caf::result<state_page>(list_couriers), caf::result<state_page>(list_deliveries),
  caf::result<free_couriers>(find_free_couriers), caf::result<webhook_page>(list_webhooks),
  caf::result<webhook_delivery_page>(list_webhook_deliveries), caf::result<void>(check_store)>;

/// Checks what is stored, over a connection of its own. Detached: it blocks. Everything may fail with unavailable.
using audit_checker_actor = caf::typed_actor<
  // Whether all that must hold of a unit holds.
  caf::result<audit_unit_report>(check_audit_unit),
  // A page of a walk over all units.
  caf::result<audit_unit_page>(list_audit_units),
  // As the reader's.
  caf::result<log_page>(read_log)>;

/// Checks everything once when asked to.
using full_auditor_actor = caf::typed_actor<
  // Fails with conflict while a check for another token is under way, unavailable.
  caf::result<full_audit_progress>(run_full_audit)>;

/// Follows the log for all subscribers of its node.
using event_feed_actor = caf::typed_actor<
  // Answers with what follows a position, waiting for it if asked to. Fails with unavailable.
  caf::result<feed_page>(read_feed),
  // A hint to look.
  caf::result<void>(log_advanced)>;

/// Control of the region of one kind on one node.
using region_control_actor = caf::typed_actor<
  // Whom the entities of this region talk to; sent once, before anything else.
  caf::result<void>(region_handles),
  // Takes over, hands over and forwards accordingly from now on.
  caf::result<void>(placement),
  // An entity may leave the memory.
  caf::result<void>(entity_idle),
  // Answers once no entity is left that was handed over.
  caf::result<void>(finish_hand_over),
  // The entities that are active here.
  caf::result<actor_list>(list_actors),
  // Ends an entity without a word, for fault injection; false when it is not active here.
  caf::result<bool>(kill_entity)>;

using order_region_actor = order_actor::extend_with<region_control_actor>;
using product_region_actor = product_actor::extend_with<region_control_actor>;
using payment_region_actor = payment_actor::extend_with<region_control_actor>;
using delivery_region_actor = delivery_actor::extend_with<region_control_actor>;
using courier_region_actor = courier_actor::extend_with<region_control_actor>;
using user_region_actor = user_actor::extend_with<region_control_actor>;
using webhook_region_actor = webhook_actor::extend_with<region_control_actor>;

/// What a node answers to other nodes and to the shell.
using node_actor = caf::typed_actor<
  // Fails with incompatible_peer.
  caf::result<node_welcome>(node_hello),
  // Answers when this node has looked at the membership table.
  caf::result<void>(membership_changed), caf::result<node_list>(list_nodes),
  // The actors of this node.
  caf::result<actor_list>(list_actors),
  // Those of others as well. Fails with not_found when the node that is named cannot be reached.
  caf::result<actor_list>(list_cluster_actors),
  // Fails with not_found, invalid_argument for an unknown type.
  caf::result<entity_description>(inspect_actor),
  // Pages of the event log. Fails with unavailable.
  caf::result<log_page>(read_log), caf::result<log_position>(get_log_end),
  // An operator's hand on an order, wherever it lives. Fail as those of order_actor.
  caf::result<order::state>(retry_order), caf::result<order::state>(resolve_order),
  // What the cluster's auditor has found. Fails with unavailable.
  caf::result<audit_report>(get_audit_report),
  // As full_auditor_actor's.
  caf::result<full_audit_progress>(run_full_audit)>;

/// What can be done to a node, or through one to another. Apart from node_actor, so that nodes of a program that does
/// not know it yet still count as nodes.
using node_control_actor = caf::typed_actor<
  // Answers when the end has begun. Fails with not_found when there is no such node, conflict when it is the only one
  // with one of its roles.
  caf::result<void>(drain_node),
  // Answers just before it happens. Fails with conflict when the node does not do that, not_found as above.
  caf::result<fault_applied>(apply_fault)>;

/// What a node publishes.
using node_api_actor = node_actor::extend_with<node_control_actor>;

/// Stages faults for fault injection, one at a time.
using fault_injector_actor = caf::typed_actor<
  // Answers when it has begun, with what has happened until then. Fails with conflict when another one is under way, a
  // node was not started with --chaos=on, or the cluster is too small for it; not_found when there is no such order.
  caf::result<injected_fault>(inject_fault),
  // Fails with not_found when there was none.
  caf::result<injected_fault>(get_injected_fault)>;

} // namespace waybill
