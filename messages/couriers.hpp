#pragma once

#include "domain/courier.hpp"
#include "messages/common.hpp"
#include "messages/deliveries.hpp"

#include <optional>

namespace waybill {

/// On whose behalf couriers and their deliveries are read or changed. For a courier the others do not exist.
struct courier_viewer {
  /// An operator, or the system itself.
  bool everything = false;
  courier_id courier;

  [[nodiscard]] bool may_see(const courier_id& other) const noexcept {
    return everything || (!other.empty() && other == courier);
  }
};
BOOST_DESCRIBE_STRUCT(courier_viewer, (), (everything, courier))

// -- couriers ---------------------------------------------------------------------------------------------------------

/// The id of a courier with a user is the sibling of the user's id, so a user is one courier at most.
struct add_courier {
  courier::add add;
  provenance origin;
};
BOOST_DESCRIBE_STRUCT(add_courier, (), (add, origin))

struct get_courier {
  courier_id id;
  courier_viewer on_behalf;
};
BOOST_DESCRIBE_STRUCT(get_courier, (), (id, on_behalf))

struct change_courier {
  courier_id id;
  courier::change change;
  courier_viewer on_behalf;
  /// Zero means any.
  std::uint64_t expected_version = 0;
  provenance origin;
};
BOOST_DESCRIBE_STRUCT(change_courier, (), (id, change, on_behalf, expected_version, origin))

struct remove_courier {
  courier_id id;
  /// Zero means any.
  std::uint64_t expected_version = 0;
  provenance origin;
};
BOOST_DESCRIBE_STRUCT(remove_courier, (), (id, expected_version, origin))

/// A delivery asks its courier for a place before it is assigned to them.
struct assign_courier {
  courier_id id;
  courier::assign assign;
  provenance origin;
};
BOOST_DESCRIBE_STRUCT(assign_courier, (), (id, assign, origin))

/// Tells the courier that the delivery is no longer theirs. When the message is lost, the courier asks the delivery.
struct release_courier {
  courier_id id;
  courier::release release;
  provenance origin;
};
BOOST_DESCRIBE_STRUCT(release_courier, (), (id, release, origin))

// -- their deliveries -------------------------------------------------------------------------------------------------

/// What a courier, or an operator for them, answers or reports about a delivery.
struct act_on_delivery {
  delivery_id id;
  courier_word word = courier_word::accepted;
  /// Only with declined and aborted.
  std::string reason;
  /// The number of the offer; zero: the present one.
  std::uint32_t attempt = 0;
  courier_viewer on_behalf;
  provenance origin;
};
BOOST_DESCRIBE_STRUCT(act_on_delivery, (), (id, word, reason, attempt, on_behalf, origin))

struct view_delivery {
  delivery_id id;
  courier_viewer on_behalf;
};
BOOST_DESCRIBE_STRUCT(view_delivery, (), (id, on_behalf))

} // namespace waybill
