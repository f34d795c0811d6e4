#pragma once

#include "domain/base/ids.hpp"
#include "domain/base/result.hpp"
#include "domain/base/time.hpp"

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace waybill {

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
  webhook = 12,
  bulk_action = 13,
  function = 14,
  trigger = 15,
  sink = 16
};
BOOST_DESCRIBE_ENUM(entity_kind, order, product, payment, delivery, notifier, ledger_entry, auditor, cluster, user,
                    service_key, courier, webhook, bulk_action, function, trigger, sink)

/// Who caused an append and how to trace it; stored with its events.
struct provenance {
  /// The X-Request-Id of the first request, or the id of the entity that acts by itself.
  std::string correlation_id;
  /// The command or event that led to this one, for example `ord_.../reserve_stock`.
  std::string causation_id;
  /// W3C trace context as it was received; may be empty.
  std::string traceparent;
  /// `customer`, `courier`, `operator` or `admin` and the id of the user, `service` and the id of the service key,
  /// `system` and which part of it.
  std::string by_kind = "system";
  std::string by_id;
};
BOOST_DESCRIBE_STRUCT(provenance, (), (correlation_id, causation_id, traceparent, by_kind, by_id))

/// What a message between two entities builds on.
struct placed_in {
  /// Appends that are placed in this epoch of the node and may not be durable yet (see append_sequence). The answer may
  /// build on such appends too. Zero: the message builds on nothing but what is durable, and so must its answer. Always
  /// zero when the message leaves the node.
  std::uint64_t epoch = 0;
  /// The generation of the log (docs/adr/0017) that has what the sender knows; none: it builds on nothing in the log.
  /// What was durable in a log that was replaced since may never have been, so an entity of another generation refuses
  /// the message.
  std::optional<std::uint64_t> generation = {};
};
BOOST_DESCRIBE_STRUCT(placed_in, (), (epoch, generation))

/// On whose behalf something is read or changed. For a customer the entities of other customers do not exist.
struct viewer {
  /// An operator, or the system itself.
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

/// Asks the entity `id` to be loaded into memory and to continue its unfinished work.
struct resume_entity {
  std::string id;
};
BOOST_DESCRIBE_STRUCT(resume_entity, (), (id))

/// To an entity: its timer has expired. To a region: a timer was set. Never leaves the node.
struct wake_up {
  std::string id;
};
BOOST_DESCRIBE_STRUCT(wake_up, (), (id))

/// The entity `id` is idle after `handled` messages and can be passivated. `due`: it only waits until then, at the
/// latest. Never leaves the node.
struct entity_idle {
  std::string id;
  std::uint64_t handled = 0;
  std::optional<timestamp> due = {};
};
BOOST_DESCRIBE_STRUCT(entity_idle, (), (id, handled, due))

/// There is room again for what entities stand in line for: resumes up to `most` of those that do and are not in
/// memory, the earliest due first. Never leaves the node.
struct wake_in_line {
  std::uint32_t most = 0;
};
BOOST_DESCRIBE_STRUCT(wake_in_line, (), (most))

/// To an entity: another node owns it now; it finishes what it has begun and ends. To a region: an entity has ended for
/// that reason with unfinished work, which its new owner must resume. Never leaves the node.
struct retire_entity {
  std::string id;
};
BOOST_DESCRIBE_STRUCT(retire_entity, (), (id))

/// Asks for the description of the entity `id`.
struct describe_entity {
  std::string id;
};
BOOST_DESCRIBE_STRUCT(describe_entity, (), (id))

/// An entity for people and tools, as `inspect` of the shell shows it.
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
