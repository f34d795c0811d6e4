#pragma once

#include "domain/order/order.hpp"
#include "messages/common.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// How far an order has come in the step that it is at, which only its actor knows.
namespace waybill {

/// Answered by the order if it is in memory, otherwise by its region: the question neither loads an order nor keeps it.
struct get_order_progress {
  order_id id;
  viewer on_behalf;
};
BOOST_DESCRIBE_STRUCT(get_order_progress, (), (id, on_behalf))

/// A step that was begun and is not done.
struct open_step {
  order::step step = order::step::reserve_stock;
  /// Zero: it was not tried yet.
  std::uint32_t attempts = 0;
  /// Its latest attempt is under way; otherwise it waits for the next one.
  bool under_way = false;
  /// When the first attempt began; none before it.
  std::optional<timestamp> since;
  /// Under way: when the attempt counts as lost. Otherwise: when the next one begins; none: when the other side says.
  std::optional<timestamp> next;
  /// Why the last attempt came to nothing; empty when none did, or when there was an answer that decides nothing yet.
  std::string last_failure;
};
BOOST_DESCRIBE_STRUCT(open_step, (), (step, attempts, under_way, since, next, last_failure))

struct order_progress {
  bool in_memory = false;
  /// Which owns the order.
  std::string node;
  /// As it is; of an order that is not in memory without any value.
  order::state order = {};
  std::vector<open_step> steps = {};
  /// When the order acts by itself at the latest.
  std::optional<timestamp> next_timer = {};
};
BOOST_DESCRIBE_STRUCT(order_progress, (), (in_memory, node, order, steps, next_timer))

/// Asks a region for its entities in memory whose work is being repeated, because an attempt came to nothing. Sorted by
/// the time of creation and id, behind `after_time` and `after_id`.
struct list_retrying {
  std::optional<timestamp> after_time;
  std::string after_id;
  bool oldest_first = false;
  std::uint32_t limit = 50;
  /// Of all nodes, not only of this one. Fails with unavailable when an owner cannot be asked.
  bool everywhere = false;
};
BOOST_DESCRIBE_STRUCT(list_retrying, (), (after_time, after_id, oldest_first, limit, everywhere))

struct retrying_entity {
  timestamp created_at;
  std::string id;
};
BOOST_DESCRIBE_STRUCT(retrying_entity, (), (created_at, id))

struct retrying_list {
  std::vector<retrying_entity> entities;
  /// There are others behind the last one.
  bool more = false;
};
BOOST_DESCRIBE_STRUCT(retrying_list, (), (entities, more))

} // namespace waybill
