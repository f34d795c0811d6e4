#include "nodes/cluster/cluster_log.hpp"

#include "actors/entity/entity_support.hpp"
#include "domain/base/errors.hpp"
#include "domain/base/log.hpp"
#include "domain/json/codec.hpp"

#include <caf/actor_system.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <algorithm>
#include <deque>

namespace waybill {

namespace {

constexpr const char* stream = "cluster";

/// What an event of the stream says.
struct node_event {
  std::string node;
  std::uint64_t incarnation = 0;
  std::vector<role> roles;
  std::string reason;
};
BOOST_DESCRIBE_STRUCT(node_event, (), (node, incarnation, roles, reason))

struct log_event {
  std::uint64_t generation = 0;
  std::string found_by;
  std::string reason;
};
BOOST_DESCRIBE_STRUCT(log_event, (), (generation, found_by, reason))

std::string data_of(const node_change& event) {
  if (event.type == cluster_event::log_replaced)
    return encode(log_event{event.incarnation, event.node, event.reason});
  return encode(node_event{event.node, event.incarnation, event.roles, event.reason});
}

const known_node* find(const cluster_history& history, const std::string& node) {
  const auto known = std::ranges::find(history.nodes, node, &known_node::node);
  return known == history.nodes.end() ? nullptr : &*known;
}

struct cluster_log_state {
  static inline const char* name = "waybill.cluster_log";

  cluster_log_state(cluster_log_actor::pointer ptr, entity_services shared) : self(ptr), services(std::move(shared)) {}

  cluster_log_actor::behavior_type make_behavior() {
    return {[this](node_change& change) { return take(std::move(change)); }};
  }

  struct waiting_change {
    node_change change;
    caf::typed_response_promise<void> promise;
  };

  caf::result<void> take(node_change change) {
    constexpr std::size_t most_waiting = 1'000;
    if (queue.size() >= most_waiting)
      return to_error({ec::overloaded, "too many changes of the cluster wait to be written"});
    auto promise = self->make_response_promise<void>();
    queue.push_back({std::move(change), promise});
    if (!busy)
      next();
    return promise;
  }

  /// Reads the stream before each change, because other nodes write to it too.
  void next() {
    busy = !queue.empty();
    if (!busy)
      return;
    self->request(services.reader, caf::infinite, load_entity{entity_kind::cluster, stream})
      .then([this](const stored_entity& stored) { decide_on(stored); }, [this](const caf::error&) { again_later(); });
  }

  void decide_on(const stored_entity& stored) {
    cluster_history history;
    if (!stored.state.empty()) {
      auto read = decode<cluster_history>(stored.state);
      if (read.has_error()) {
        log_error("the stream of the cluster cannot be read: {}", read.error().detail);
        finish();
        return;
      }
      history = std::move(*read);
    }
    const auto events = decide(history, queue.front().change);
    if (events.empty())
      finish();
    else
      write(stored.version, std::move(history), events);
  }

  void write(std::uint64_t version, cluster_history history, const std::vector<node_change>& events) {
    append request;
    request.kind = entity_kind::cluster;
    request.stream = stream;
    request.expected_version = version;
    request.at = services.clock();
    request.origin.by_id = services.node;
    for (const auto& event : events) {
      apply(history, event);
      request.events.push_back({event.type, 1, data_of(event)});
    }
    request.snapshot = entity_snapshot{1, encode(history), false, std::nullopt};
    self->request(services.journals.front(), caf::infinite, std::move(request))
      .then([this](const appended&) { finish(); },
            [this](const caf::error& reason) {
              // Somebody was quicker: perhaps with the same.
              if (reason == ec::conflict)
                next();
              else
                again_later();
            });
  }

  void finish() {
    queue.front().promise.deliver();
    queue.pop_front();
    next();
  }

  void again_later() {
    constexpr milliseconds pause{500};
    self->run_delayed(pause, [this] { next(); });
  }

  cluster_log_actor::pointer self;
  entity_services services;
  std::deque<waiting_change> queue;
  bool busy = false;
};

} // namespace

std::vector<node_change> decide(const cluster_history& history, const node_change& change) {
  if (change.type == cluster_event::log_replaced)
    return change.incarnation > history.log_generation ? std::vector{change} : std::vector<node_change>{};
  const auto* known = find(history, change.node);
  if (change.type == cluster_event::joined) {
    if (known != nullptr && known->incarnation >= change.incarnation)
      return {};
    std::vector<node_change> events;
    if (known != nullptr && known->up)
      events.push_back({cluster_event::left, known->node, known->incarnation, {}, "it came back as another process"});
    events.push_back(change);
    return events;
  }
  if (known == nullptr || known->incarnation != change.incarnation)
    return {};
  const bool told = change.type == cluster_event::left        ? !known->up
                    : change.type == cluster_event::suspected ? known->suspected || !known->up
                                                              : known->fenced;
  return told ? std::vector<node_change>{} : std::vector{change};
}

void apply(cluster_history& history, const node_change& event) {
  if (event.type == cluster_event::log_replaced) {
    history.log_generation = event.incarnation;
    return;
  }
  // Names of nodes that are gone need not be kept for ever.
  constexpr std::size_t most_names = 256;
  auto known = std::ranges::find(history.nodes, event.node, &known_node::node);
  known_node now = known == history.nodes.end() ? known_node{} : *known;
  if (known != history.nodes.end())
    history.nodes.erase(known);
  if (event.type == cluster_event::joined)
    now = {event.node, event.incarnation, true, false, false};
  else if (event.type == cluster_event::left)
    now.up = false;
  else if (event.type == cluster_event::suspected)
    now.suspected = true;
  else
    now.fenced = true;
  history.nodes.push_back(std::move(now));
  if (history.nodes.size() > most_names)
    if (auto oldest = std::ranges::find(history.nodes, false, &known_node::up); oldest != history.nodes.end())
      history.nodes.erase(oldest);
}

cluster_log_actor spawn_cluster_log(caf::actor_system& sys, const entity_services& services) {
  return sys.spawn<cluster_log_actor::stateful_impl<cluster_log_state>>(services);
}

} // namespace waybill
