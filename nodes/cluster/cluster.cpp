#include "nodes/cluster/cluster.hpp"

#include "domain/base/errors.hpp"
#include "domain/base/log.hpp"
#include "nodes/cluster/cluster_control.hpp"
#include "nodes/cluster/cluster_links.hpp"
#include "nodes/cluster/cluster_metrics.hpp"
#include "nodes/cluster/cluster_view.hpp"
#include "nodes/cluster/placements.hpp"
#include "nodes/cluster/suspects.hpp"
#include "nodes/options/role_words.hpp"

#include <caf/actor_system.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <algorithm>
#include <map>
#include <set>

namespace waybill {

namespace {

// The life of a node: it joins (its row is in the table, the others connect). Then it goes up: it writes so and tells
// the others, who hand its shards over and answer; only then it takes them. When it leaves, it gives its shards up
// first and tells the others after that. Meanwhile a command that reaches the wrong node is refused and sent again.

struct cluster_state {
  static inline const char* name = "waybill.cluster";

  cluster_state(cluster_actor::pointer ptr, cluster_settings options, connector_actor middleman)
    : self(ptr), settings(std::move(options)), metrics(ptr->system()), view(settings.node),
      links(self, settings, std::move(middleman),
            {[this](const auto& node, auto incarnation) { return view.reachable(node, incarnation); },
             [this](node_welcome welcome, caf::strong_actor_ptr link) {
               reached(std::move(welcome), std::move(link));
             }}),
      control(self, settings, view), told_placements(settings, view), suspected(settings.suspect_after) {
    know_myself();
    self->set_down_handler([this](const caf::down_msg& down) { lost(down.source); });
  }

  cluster_actor::behavior_type make_behavior() {
    return {
      [this](const node_hello& hello) { return welcome(hello); },
      [this](caf::publish_atom, caf::strong_actor_ptr& node_api) { api = std::move(node_api); },
      [this](const list_nodes&) { return view.list(); },
      [this](membership_changed) { return look_now(); },
      [this](caf::update_atom, node_list& table, std::uint64_t incarnation, steady_reading renewed_at) {
        update(std::move(table), incarnation, to_steady_time(renewed_at));
      },
      [this](caf::reset_atom, const std::string& reason) { fence(reason); },
      [this](caf::leave_atom) { return leave(); },
      [this](caf::tick_atom) { check_lease(); },
      [this](const list_cluster_actors& query) { return control.list_actors_of(query); },
      [this](gather_node_reports) { return control.reports_of_others(); },
      [this](trace_messages& query) { return control.messages_of_others(std::move(query)); },
      [this](drain_node& request) { return control.drain(request); },
      [this](apply_fault& fault) { return control.apply(fault); },
    };
  }

  void know_myself() { view.set_reachable({settings.node, settings.incarnation, settings.own_regions}, nullptr); }

  // -- the own lease --------------------------------------------------------------------------------------------------

  void update(node_list table, std::uint64_t incarnation, caf::actor_clock::time_point renewed_at) {
    if (const auto& sender = self->current_sender())
      membership = caf::actor_cast<membership_actor>(sender);
    if (incarnation != settings.incarnation) {
      settings.incarnation = incarnation;
      know_myself();
    }
    serve_since(renewed_at);
    view.set_nodes(std::move(table.nodes));
    metrics.count(view.list(), view.dead());
    if (settings.troubles)
      settings.troubles->set("nodes", trouble_with(view.list(), view.dead()));
    for (const auto& node : view.dead())
      record(cluster_event::left, node, "its lease ran out");
    publish();
    for (const auto& node : view.to_connect())
      links.connect(node);
    for (const auto& node : view.list().nodes)
      if (!node.reachable)
        links.greet_back(node.node);
    review_suspects();
    go_up_if_ready();
  }

  void serve_since(caf::actor_clock::time_point renewed_at) {
    if (!settings.lease)
      return;
    if (serving_until != caf::actor_clock::time_point{})
      metrics.tell_lease_margin(std::chrono::duration<double>(serving_until - self->clock().now()).count());
    serving_until = renewed_at + *settings.lease;
    if (settings.serving)
      settings.serving->extend(serving_until);
    const auto left = serving_until - self->clock().now();
    self->delayed_send(self, left, caf::tick_atom_v);
    if (stopped && left.count() > 0) {
      stopped = false;
      log_info("node {} has a lease again", settings.node);
    }
  }

  void check_lease() {
    if (stopped || self->clock().now() < serving_until)
      return;
    stopped = true;
    log_error("node {} could not renew its lease in time and stops serving: other nodes may take its entities over",
              settings.node);
    publish();
  }

  /// Other nodes have taken over, or may at any moment.
  void fence(const std::string& reason) {
    log_error("node {} is fenced, it drops all that it holds: {}", settings.node, reason);
    metrics.fenced->inc();
    stopped = true;
    stop_going_up();
    if (settings.serving)
      settings.serving->end();
    if (settings.log)
      caf::anon_send(settings.log, node_change{cluster_event::fenced, settings.node, settings.incarnation, {}, reason});
    publish();
  }

  // -- up and down ----------------------------------------------------------------------------------------------------

  /// Not while it is stopped: what it knows of the table is then about a lease that it has lost.
  void go_up_if_ready() {
    if (!membership || stopped || going_up || leaving || view.own_state() != node_state::joining)
      return;
    const auto now = self->clock().now();
    if (joining_as != settings.incarnation) {
      joining_as = settings.incarnation;
      joining_until = now + settings.join_patience;
    }
    if (!view.unreachable().empty() && now < joining_until)
      return;
    going_up = true;
    view.hold_state(node_state::joining);
    const auto as = settings.incarnation;
    self->request(membership, settings.connect_timeout, caf::put_atom_v, node_state::up, as)
      .then([this, as] { tell_others([this, as] { finish_going_up(as); }); },
            [this, as](const caf::error&) {
              if (is_going_up(as))
                stop_going_up();
            });
  }

  /// An answer may come late, when the node has been fenced and perhaps goes up under its next incarnation.
  [[nodiscard]] bool is_going_up(std::uint64_t as) const { return going_up && as == settings.incarnation && !leaving; }

  void stop_going_up() {
    going_up = false;
    if (!leaving)
      view.hold_state(std::nullopt);
  }

  void finish_going_up(std::uint64_t as) {
    if (!is_going_up(as))
      return;
    stop_going_up();
    publish();
    for (const auto& node : view.list().nodes)
      if (node.node == settings.node) {
        log_info("node {} is up and serves as {}", settings.node, roles_to_text(node.roles));
        record(cluster_event::joined, node, {});
      }
  }

  caf::result<void> leave() {
    leaving = true;
    auto promise = self->make_response_promise<void>();
    if (!membership) {
      promise.deliver();
      return promise;
    }
    self->request(membership, settings.connect_timeout, caf::put_atom_v, node_state::leaving, settings.incarnation)
      .then([this, promise] { give_away(promise); },
            [this, promise](const caf::error& reason) {
              log_warning("node {} cannot write that it leaves: {}", settings.node, to_string(reason));
              give_away(promise);
            });
    return promise;
  }

  void give_away(caf::typed_response_promise<void> promise) {
    view.hold_state(node_state::leaving);
    publish();
    tell_others([promise]() mutable { promise.deliver(); });
  }

  /// Calls `done` when all others have looked at the table, or had time enough to.
  template <class Done>
  void tell_others(Done done) {
    // Counts the telling itself, so that no answer can come too early.
    auto missing = std::make_shared<std::size_t>(1);
    auto finish_one = [missing, done]() mutable {
      if (--*missing == 0)
        done();
    };
    for (const auto& link : view.links()) {
      ++*missing;
      self->request(caf::actor_cast<peer_actor>(link), settings.tell_timeout, membership_changed{})
        .then(finish_one, [finish_one](const caf::error&) mutable { finish_one(); });
    }
    finish_one();
  }

  /// One look at a time: a request that comes while one is under way waits for the next.
  caf::result<void> look_now() {
    auto promise = self->make_response_promise<void>();
    if (!membership) {
      promise.deliver();
      return promise;
    }
    waiting_for_look.push_back(promise);
    if (!looking)
      start_looking();
    return promise;
  }

  void start_looking() {
    auto told = std::make_shared<std::vector<caf::typed_response_promise<void>>>(std::exchange(waiting_for_look, {}));
    looking = !told->empty();
    if (!looking)
      return;
    const auto done = [this, told] {
      for (auto& promise : *told)
        promise.deliver();
      start_looking();
    };
    self->request(membership, settings.connect_timeout, membership_changed{}).then(done, [done](const caf::error&) {
      done();
    });
  }

  // -- other nodes ----------------------------------------------------------------------------------------------------

  caf::result<node_welcome> welcome(const node_hello& hello) {
    if (hello.protocol != protocol_version) {
      links.refuse(hello);
      return caf::make_error(ec::incompatible_peer, "this node speaks protocol " + std::to_string(protocol_version));
    }
    // Tools have no name.
    if (auto sender = self->current_sender(); sender && !hello.node.empty() && hello.node != settings.node)
      links.greeted_by(hello.node, caf::actor_cast<peer_actor>(sender));
    return node_welcome{settings.node, settings.incarnation, settings.own_regions, api};
  }

  void reached(node_welcome welcome, caf::strong_actor_ptr link) {
    view.set_reachable(std::move(welcome), std::move(link));
    publish();
    review_suspects();
    go_up_if_ready();
  }

  /// A lost connection is a hint only: the table may say already that the node left or died.
  void lost(const caf::actor_addr& link) {
    links.lost(link);
    const auto node = view.forget(link);
    if (node.empty())
      return;
    const auto missed = view.unreachable();
    if (std::ranges::find(missed, node, &node_entry::node) != missed.end())
      log_warning("node {} lost its connection to node {}", settings.node, node);
    else
      log_info("node {} is gone", node);
    publish();
    review_suspects();
    if (membership)
      caf::anon_send(membership, membership_changed{});
  }

  /// Others see in the table which nodes this one cannot reach, and place accordingly.
  void review_suspects() {
    const auto change = suspected.review(view.unreachable(), view.own_state() == node_state::up, self->clock().now());
    for (const auto& node : change.added) {
      log_warning("node {} suspects node {}: it cannot be reached", settings.node, node.node);
      record(cluster_event::suspected, node, "node " + settings.node + " cannot reach it");
    }
    if (change.again)
      self->run_delayed(settings.suspect_after, [this] { review_suspects(); });
    if (membership && change.changed)
      caf::anon_send(membership, caf::put_atom_v, suspected.names());
  }

  /// Every node that sees a death reports it; the log takes it once.
  void record(const char* type, const node_entry& node, const std::string& reason) {
    if (!settings.log || !recorded.emplace(type, node.node, node.incarnation).second)
      return;
    caf::anon_send(settings.log, node_change{type, node.node, node.incarnation, node.roles, reason});
  }

  // -- the local regions ----------------------------------------------------------------------------------------------

  void publish() {
    if (told_placements.publish(stopped || view.own_state() == node_state::dead))
      metrics.count_shards(view, settings.node);
  }

  cluster_actor::pointer self;
  cluster_settings settings;
  cluster_metrics metrics;
  cluster_view view;
  cluster_links links;
  cluster_control control;
  placements told_placements;
  membership_actor membership;
  /// Stands for this node at the others.
  caf::strong_actor_ptr api;
  caf::actor_clock::time_point serving_until{};
  bool stopped = false;
  bool leaving = false;
  /// Between the decision to go up and the moment when the others know.
  bool going_up = false;
  std::uint64_t joining_as = 0;
  caf::actor_clock::time_point joining_until{};
  suspects suspected;
  std::set<std::tuple<std::string, std::string, std::uint64_t>> recorded;
  bool looking = false;
  std::vector<caf::typed_response_promise<void>> waiting_for_look;
};

} // namespace

cluster_actor spawn_cluster(caf::actor_system& sys, cluster_settings settings, connector_actor connector) {
  return sys.spawn<cluster_actor::stateful_impl<cluster_state>>(std::move(settings), std::move(connector));
}

} // namespace waybill
