#pragma once

#include "domain/delivery.hpp"
#include "messages/common.hpp"

namespace waybill {

/// `is_new`: nobody has asked for this delivery before.
struct request_delivery {
  delivery_id id;
  order_id order;
  customer_id customer;
  std::string name;
  std::string address;
  provenance origin;
  placed_in builds_on = {};
  bool is_new = false;
};
BOOST_DESCRIBE_STRUCT(request_delivery, (), (id, order, customer, name, address, origin, builds_on, is_new))

struct cancel_delivery {
  delivery_id id;
  provenance origin;
  placed_in builds_on = {};
};
BOOST_DESCRIBE_STRUCT(cancel_delivery, (), (id, origin, builds_on))

struct get_delivery {
  delivery_id id;
  placed_in builds_on = {};
};
BOOST_DESCRIBE_STRUCT(get_delivery, (), (id, builds_on))

enum class courier_word : std::uint8_t { accepted, declined, started, completed, aborted };
BOOST_DESCRIBE_ENUM(courier_word, accepted, declined, started, completed, aborted)

/// What a courier answers or reports about a delivery that was offered to them as attempt `attempt`. Repeated until the
/// delivery answers: with its state, or with ec::conflict or ec::illegal_transition when it is no longer theirs.
struct courier_says {
  delivery_id id;
  courier_id courier;
  std::uint32_t attempt = 0;
  courier_word word = courier_word::accepted;
  std::string reason;
};
BOOST_DESCRIBE_STRUCT(courier_says, (), (id, courier, attempt, word, reason))

/// A delivery looks for a courier who has time; those in `tried` are chosen only when there is no other.
struct find_courier {
  delivery_id delivery;
  std::vector<courier_id> tried;
  /// Until then those in `tried` are not asked at all. Ignored for simulated couriers, and where they are asked after
  /// the people.
  timestamp ask_again_at = {};
  /// When the delivery was requested: the oldest come first.
  timestamp since = {};
  /// The address tells simulated couriers what to do: it is for them, where they are asked.
  bool directs_simulated = false;
};
BOOST_DESCRIBE_STRUCT(find_courier, (), (delivery, tried, ask_again_at, since, directs_simulated))

struct courier_found {
  courier_id courier;
  /// See delivery::offered.
  bool is_person = false;
};
BOOST_DESCRIBE_STRUCT(courier_found, (), (courier, is_person))

/// Offers the delivery to the courier who was found for it; the courier answers with courier_says. After a restart it
/// reminds the courier of a delivery that they accepted or started before, as `status` says.
struct offer_delivery {
  delivery_id delivery;
  courier_id courier;
  std::uint32_t attempt = 0;
  std::string name;
  std::string address;
  delivery::status status = delivery::status::offered;
  /// See delivery::offered.
  bool to_person = false;
};
BOOST_DESCRIBE_STRUCT(offer_delivery, (), (delivery, courier, attempt, name, address, status, to_person))

/// The courier has time again.
struct courier_free {
  courier_id courier;
};
BOOST_DESCRIBE_STRUCT(courier_free, (), (courier))

} // namespace waybill
