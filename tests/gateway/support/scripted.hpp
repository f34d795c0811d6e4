#pragma once

#include "tests/gateway/support/support.hpp"

#include <caf/error.hpp>
#include <caf/make_message.hpp>

#include <memory>
#include <string>
#include <vector>

/// The gateway's region_handles: actors that follow the script of a `world`.
namespace waybill::test::scripted {

using world_ptr = std::shared_ptr<world>;

inline caf::error refused(ec code) {
  return caf::make_error(code, std::string{"the script says so"});
}

/// The events of the log after `after`.
std::vector<stored_event> behind(world& w, const log_position& after, const event_filter& filter);
/// Something behind `after` was removed from the log, and the reader cares.
bool is_expired(world& w, const log_position& after, bool from_earliest);

order_actor spawn_orders(caf::actor_system& sys, world_ptr w);
retrying_actor spawn_retrying(caf::actor_system& sys, world_ptr w);
/// Carries nothing out: bulk actions stay as they were started, or are stopped at once.
bulk_action_actor spawn_bulk_actions(caf::actor_system& sys, world_ptr w);
product_actor spawn_products(caf::actor_system& sys, world_ptr w);
payment_actor spawn_payments(caf::actor_system& sys, world_ptr w);
delivery_actor spawn_deliveries(caf::actor_system& sys, world_ptr w);
user_actor spawn_users(caf::actor_system& sys, world_ptr w);
reader_actor spawn_reader(caf::actor_system& sys, world_ptr w);
/// An order that is not in the world is nobody's.
notifier_actor spawn_notifier(caf::actor_system& sys, world_ptr w);
/// What the gateway asks of nodes: their list and reports, the audit, drain.
node_api_actor spawn_node_api(caf::actor_system& sys, world_ptr w);
/// Answers when something has come or the time is over; log_advanced makes it look again.
event_feed_actor spawn_feed(caf::actor_system& sys, world_ptr w);

} // namespace waybill::test::scripted
