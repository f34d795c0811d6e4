#pragma once

#include "messages/functions/function_list.hpp"
#include "messages/journal/account_rows.hpp"
#include "messages/journal/delivery_rows.hpp"
#include "messages/journal/entity_rows.hpp"
#include "messages/journal/event_log.hpp"
#include "messages/journal/log_position.hpp"
#include "messages/journal/notification_rows.hpp"
#include "messages/journal/order_rows.hpp"
#include "messages/journal/product_rows.hpp"
#include "messages/journal/follower/sink_rows.hpp"
#include "messages/journal/follower/webhook_rows.hpp"

#include <boost/mp11/list.hpp>

namespace waybill {

/// The queries that readers answer, each written as a function type: `answer(query)`. From this list are made the
/// reading side of a store (persistence/store.hpp), the handle of the readers (messages/actors.hpp) and their
/// behaviour.
///
/// A new query needs its struct, a line here, type ids (type_ids.hpp), and one function in each implementation:
/// persistence/queries/ and tests/support/memory_query.cpp.
using all_queries = boost::mp11::mp_list<
  // Version zero when there is none.
  stored_entity(load_entity),
  // Empty when there is none.
  found_reservation(find_reservation),
  // Those that are over or do not exist.
  ended_orders(find_ended_orders),
  // Empty when there is none.
  found_stock_adjustment(find_stock_adjustment),
  // Sorted by time and id.
  due_page(list_due),
  // Never skips an event. Fails with cursor_expired.
  log_page(read_log),
  // In the order of versions.
  stream_events(read_stream_events),
  // The position behind the last event that can be read now.
  log_position(get_log_end),
  // The states of a page of orders.
  state_page(list_orders),
  // How many orders have a status.
  order_counts(count_orders),
  // The states of a page of products, sorted by id.
  state_page(list_products),
  // Newest first.
  notification_page(list_notifications),
  // Empty, or one user.
  user_page(find_user),
  // Sorted by id.
  user_page(list_users),
  // Empty when there is none.
  found_service_key(find_service_key),
  // Those that still have rights.
  found_callers(find_callers),
  // Sorted by id.
  service_key_page(list_service_keys),
  // The states of a page of couriers, sorted by id.
  state_page(list_couriers),
  // The states of a page of deliveries, newest first.
  state_page(list_deliveries),
  // Couriers who can take a delivery now, those with the least to do first.
  free_couriers(find_free_couriers),
  // Sorted by id, without secrets.
  webhook_page(list_webhooks),
  // The messages to one endpoint, in the order of the log or against it.
  webhook_delivery_page(list_webhook_deliveries),
  // Sorted by name, without sources.
  function_page(list_functions),
  // Changes with every function.
  function_revision(get_function_revision),
  // Sorted by id, without passwords.
  sink_page(list_sinks),
  // Answers when the database can be read.
  void(check_store)>;

} // namespace waybill
