#pragma once

#include "domain/base/errors.hpp"
#include "domain/base/ids.hpp"
#include "domain/base/time.hpp"

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <cstdint>
#include <string>

namespace waybill {

// For CAF's type IDs; the numbers and words stand in domain/base/errors.hpp.
BOOST_DESCRIBE_ENUM(ec, none, not_found, illegal_transition, version_mismatch, idempotency_key_reused, duplicate,
                    invalid_argument, product_withdrawn, out_of_stock, deadline_exceeded, conflict, unavailable,
                    overloaded, timed_out, unreadable, provider_refused, incompatible_peer, shutting_down, internal,
                    moved, unauthenticated)

/// Which kind of entity a stream belongs to. The numbers are stored: append only.
enum class entity_kind : std::uint8_t {
  order = 1,
  product = 2,
  payment = 3,
  delivery = 4,
  notifier = 5,
  ledger_entry = 6,
  auditor = 7,
  cluster = 8,
  user = 9,
  service_key = 10,
  courier = 11,
  webhook = 12
};
BOOST_DESCRIBE_ENUM(entity_kind, order, product, payment, delivery, notifier, ledger_entry, auditor, cluster, user,
                    service_key, courier, webhook)

/// Where a command comes from; kept with the events that it leads to.
struct provenance {
  /// The X-Request-Id of the request that began the story, or the id of the entity that acts by itself.
  std::string correlation_id;
  /// The command or event that led to this one, for example `ord_.../reserve_stock`.
  std::string causation_id;
  /// W3C trace context, as it came; may be empty.
  std::string traceparent;
  /// `customer`, `courier`, `operator` or `admin` and the id of the user, `service` and the id of the service key,
  /// `system` and which part of it.
  std::string by_kind = "system";
  std::string by_id;
};
BOOST_DESCRIBE_STRUCT(provenance, (), (correlation_id, causation_id, traceparent, by_kind, by_id))

/// On whose behalf an entity is asked: it shows and obeys only those whose it is, for all others it is not there.
struct viewer {
  /// Operators, and the system itself.
  bool everything = false;
  customer_id customer;

  [[nodiscard]] bool may_see(const customer_id& owner) const noexcept {
    return everything || (!owner.empty() && owner == customer);
  }
};
BOOST_DESCRIBE_STRUCT(viewer, (), (everything, customer))

inline viewer of_everything() {
  return {true, {}};
}

/// The entity `id` is asked to be in memory and to go on with what it had not finished.
struct resume_entity {
  std::string id;
};
BOOST_DESCRIBE_STRUCT(resume_entity, (), (id))

/// A timer of the entity `id` has come; to a region: its timers are wound up again. Never leaves the node.
struct wake_up {
  std::string id;
};
BOOST_DESCRIBE_STRUCT(wake_up, (), (id))

/// The entity `id` has nothing to do after `handled` messages and can leave the memory. Never leaves the node.
struct entity_idle {
  std::string id;
  std::uint64_t handled = 0;
};
BOOST_DESCRIBE_STRUCT(entity_idle, (), (id, handled))

/// To an entity: it belongs to another node now, finishes what it has begun and ends. To a region: it has ended like
/// that with something unfinished, and its new owner has to know. Never leaves the node.
struct retire_entity {
  std::string id;
};
BOOST_DESCRIBE_STRUCT(retire_entity, (), (id))

/// Asks for the state of the entity `id` for people and tools: see entity_description.
struct describe_entity {
  std::string id;
};
BOOST_DESCRIBE_STRUCT(describe_entity, (), (id))

/// What the shell's `inspect` shows.
struct entity_description {
  std::string id;
  std::string node;
  std::uint64_t version = 0;
  /// The state as JSON.
  std::string state;
  /// What the entity waits for, as a sentence; empty when it waits for nothing.
  std::string waits_for;
};
BOOST_DESCRIBE_STRUCT(entity_description, (), (id, node, version, state, waits_for))

} // namespace waybill
