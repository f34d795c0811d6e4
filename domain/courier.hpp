#pragma once

#include "domain/base/ids.hpp"
#include "domain/base/result.hpp"
#include "domain/base/time.hpp"

#include <boost/describe/class.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// A courier brings deliveries to their recipients. The courier entity alone decides how many they have at once: a
/// delivery is assigned only after it took a place here, and two that come at the same time are decided one by one.
namespace waybill::courier {

/// Deliveries at once, at most.
inline constexpr std::uint32_t max_capacity = 100;

// -- events -----------------------------------------------------------------------------------------------------------

/// `user`: who signs in as this courier; empty when operators act for them.
struct added {
  static constexpr std::string_view type = "courier.added";
  courier_id courier;
  user_id user;
  std::string name;
  std::uint32_t capacity = 1;
};
BOOST_DESCRIBE_STRUCT(added, (), (courier, user, name, capacity))

/// Name and capacity as they are now.
struct changed {
  static constexpr std::string_view type = "courier.changed";
  std::string name;
  std::uint32_t capacity = 1;
};
BOOST_DESCRIBE_STRUCT(changed, (), (name, capacity))

struct went_online {
  static constexpr std::string_view type = "courier.went_online";
};
BOOST_DESCRIBE_STRUCT(went_online, (), ())

struct went_offline {
  static constexpr std::string_view type = "courier.went_offline";
};
BOOST_DESCRIBE_STRUCT(went_offline, (), ())

struct removed {
  static constexpr std::string_view type = "courier.removed";
};
BOOST_DESCRIBE_STRUCT(removed, (), ())

/// One of the places is taken.
struct assigned {
  static constexpr std::string_view type = "courier.assigned";
  delivery_id delivery;
  std::uint32_t attempt = 0;
};
BOOST_DESCRIBE_STRUCT(assigned, (), (delivery, attempt))

/// The place is free again: the delivery was completed, or is no longer this courier's.
struct released {
  static constexpr std::string_view type = "courier.released";
  delivery_id delivery;
  std::uint32_t attempt = 0;
};
BOOST_DESCRIBE_STRUCT(released, (), (delivery, attempt))

using event = std::variant<added, changed, went_online, went_offline, removed, assigned, released>;

// -- state ------------------------------------------------------------------------------------------------------------

struct assignment {
  delivery_id delivery;
  std::uint32_t attempt = 0;
};
BOOST_DESCRIBE_STRUCT(assignment, (), (delivery, attempt))

struct state {
  courier_id id;
  user_id user;
  std::string name;
  std::uint32_t capacity = 1;
  bool online = false;
  bool removed = false;
  /// Oldest first.
  std::vector<assignment> assignments;
  timestamp created_at;
  timestamp updated_at;
  std::uint64_t version = 0;
};
BOOST_DESCRIBE_STRUCT(state, (),
                      (id, user, name, capacity, online, removed, assignments, created_at, updated_at, version))

// -- commands ---------------------------------------------------------------------------------------------------------

/// Also adds a courier again who was removed.
struct add {
  courier_id courier;
  user_id user;
  std::string name;
  std::uint32_t capacity = 1;
};
BOOST_DESCRIBE_STRUCT(add, (), (courier, user, name, capacity))

/// Absent fields stay as they are. Less capacity than there are assignments means that nothing is added to them.
struct change {
  std::optional<std::string> name;
  std::optional<std::uint32_t> capacity;
  std::optional<bool> online;
};
BOOST_DESCRIBE_STRUCT(change, (), (name, capacity, online))

struct remove {};

/// Takes one of the places for attempt `attempt` of the delivery.
struct assign {
  delivery_id delivery;
  std::uint32_t attempt = 0;
};
BOOST_DESCRIBE_STRUCT(assign, (), (delivery, attempt))

/// Gives the place of that attempt, or an earlier one, back.
struct release {
  delivery_id delivery;
  std::uint32_t attempt = 0;
};
BOOST_DESCRIBE_STRUCT(release, (), (delivery, attempt))

using command = std::variant<add, change, remove, assign, release>;

/// The events that `cmd` leads to; none when what it asks for already holds, so that every command is safe to repeat.
/// Fails with ec::not_found for one who was never added or was removed, ec::duplicate for another one of the same id,
/// ec::invalid_argument for a capacity out of range, ec::conflict when no place is free or a later attempt has it,
/// ec::illegal_transition when one who has deliveries is to be removed.
result<std::vector<event>> decide(const state& current, const command& cmd);

/// The state after `recorded`.
void apply(state& current, const event& recorded, timestamp at);

} // namespace waybill::courier
