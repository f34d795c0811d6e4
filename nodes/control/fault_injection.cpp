#include "nodes/control/fault_injection.hpp"

#include "domain/base/errors.hpp"
#include "domain/base/log.hpp"

#include <caf/actor_system.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <algorithm>
#include <deque>
#include <functional>
#include <memory>
#include <optional>

namespace waybill {

namespace {

using answer = caf::typed_response_promise<injected_fault>;

std::string sentence_of(const caf::error& reason) {
  const auto view = caf::make_const_typed_message_view<std::string>(reason.context());
  return view ? caf::get<0>(view) : "no answer: " + to_string(reason);
}

struct fault_injector_state {
  static inline const char* name = "waybill.fault_injector";

  fault_injector_state(fault_injector_actor::pointer ptr, fault_injector_settings options, cluster_actor nodes,
                       order_actor region)
    : self(ptr), settings(std::move(options)), cluster(std::move(nodes)), orders(std::move(region)) {}

  fault_injector_actor::behavior_type make_behavior() {
    return {
      [this](const inject_fault& request) { return stage(request); },
      [this](const get_injected_fault&) -> caf::result<injected_fault> {
        if (!shown)
          return caf::make_error(ec::not_found, "no fault was staged yet");
        return *shown;
      },
    };
  }

  caf::result<injected_fault> stage(const inject_fault& request) {
    if (shown && shown->running)
      return caf::make_error(ec::conflict, "another fault is under way");
    shown = injected_fault{request.fault, true, false, {}};
    auto promise = self->make_response_promise<injected_fault>();
    switch (request.fault) {
      case cluster_fault::kill_owner: find_owner(request.order, promise); break;
      case cluster_fault::database_away:
        afflict_all(node_fault::lose_database, milliseconds{request.lasts_ms}, "keeps its database",
                    "the database is there again", promise);
        break;
      case cluster_fault::rolling_restart: restart_others(milliseconds{request.lasts_ms}, promise); break;
      case cluster_fault::refuse_appends:
        afflict_all(node_fault::refuse_appends, milliseconds{request.lasts_ms}, "refuses no append",
                    "no append is refused any more", promise);
        break;
    }
    return promise;
  }

  // -- common to all faults -------------------------------------------------------------------------------------------

  void tell(std::string step) {
    log_warning("fault injection: {}", step);
    shown->steps.push_back(std::move(step));
  }

  void end(bool failed = false) {
    shown->running = false;
    shown->failed = failed;
  }

  /// Nothing was done.
  void refuse(answer promise, caf::error reason) {
    shown.reset();
    promise.deliver(std::move(reason));
  }

  template <class Done, class Failed>
  void inflict(apply_fault fault, Done done, Failed failed) {
    self->request(cluster, settings.request_timeout, std::move(fault)).then(std::move(done), std::move(failed));
  }

  /// Calls `done` with the live nodes that `selected` picks, if all of them take part in fault injection; else refuses.
  void ask_all(answer promise, const std::function<bool(const node_entry&)>& selected,
               std::function<void(std::vector<node_entry>)> done) {
    struct gathering {
      std::vector<node_entry> nodes;
      // Counts the asking itself, so that no answer can come too early.
      std::size_t missing = 1;
      std::optional<caf::error> refusal;
    };
    const auto fail = [this, promise](const caf::error& reason) { refuse(promise, reason); };
    self->request(cluster, settings.request_timeout, list_nodes{})
      .then(
        [this, promise, selected, done = std::move(done)](const node_list& list) mutable {
          const auto all = std::make_shared<gathering>();
          std::ranges::copy_if(list.nodes, std::back_inserter(all->nodes), selected);
          const auto count_down = [this, all, promise, done = std::move(done)] {
            if (--all->missing > 0)
              return;
            if (all->refusal)
              refuse(promise, *all->refusal);
            else
              done(all->nodes);
          };
          all->missing += all->nodes.size();
          for (const auto& node : all->nodes)
            inflict(
              {node.node, node_fault::none, {}, 0}, [count_down](const fault_applied&) { count_down(); },
              [count_down, all](const caf::error& reason) {
                all->refusal = reason;
                count_down();
              });
          count_down();
        },
        fail);
  }

  // -- the death of an order's owner ----------------------------------------------------------------------------------

  void find_owner(const std::string& order, answer promise) {
    self->request(orders, settings.request_timeout, describe_entity{order})
      .then(
        [this, order, promise](const entity_description& owned) {
          if (owned.node == settings.node)
            kill_actors(order, owned.node, "it is the node that answers this request", promise);
          else
            kill_node(order, owned.node, promise);
        },
        [this, promise](const caf::error& reason) mutable { refuse(promise, reason); });
  }

  void kill_node(const std::string& order, const std::string& owner, answer promise) {
    inflict(
      {owner, node_fault::kill_process, {}, 0},
      [this, owner, promise](const fault_applied& applied) mutable {
        tell("node " + owner + " owns the order: " + applied.description);
        end();
        promise.deliver(*shown);
      },
      [this, order, owner, promise](const caf::error& reason) mutable {
        if (reason == ec::conflict)
          kill_actors(order, owner, sentence_of(reason), promise);
        else
          refuse(promise, reason);
      });
  }

  /// Where the process has to live on: says why.
  void kill_actors(const std::string& order, const std::string& owner, const std::string& why, answer promise) {
    inflict(
      {owner, node_fault::kill_entities, order, 0},
      [this, owner, why, promise](const fault_applied& applied) mutable {
        tell("node " + owner + " owns the order, but its process is spared (" + why + "): " + applied.description);
        end();
        promise.deliver(*shown);
      },
      [this, promise](const caf::error& reason) mutable { refuse(promise, reason); });
  }

  // -- the same for a while on all nodes ------------------------------------------------------------------------------

  /// `spared` says what it means for a node that does not take part, `ended` what is told in the end.
  void afflict_all(node_fault fault, milliseconds lasts, const std::string& spared, const std::string& ended,
                   answer promise) {
    const auto all_live = [](const node_entry& node) { return node.reachable; };
    ask_all(promise, all_live, [this, fault, lasts, spared, ended, promise](const std::vector<node_entry>& nodes) {
      const auto missing = std::make_shared<std::size_t>(nodes.size());
      auto told = [this, lasts, ended, promise, missing](std::string step) mutable {
        tell(std::move(step));
        if (--*missing == 0) {
          promise.deliver(*shown);
          self->run_delayed(lasts, [this, ended] {
            tell(ended);
            end(shown->failed);
          });
        }
      };
      for (const auto& node : nodes)
        inflict(
          {node.node, fault, {}, static_cast<std::uint32_t>(lasts.count())},
          [told, node](const fault_applied& applied) mutable {
            told("node " + node.node + ": " + applied.description);
          },
          [this, told, node, spared](const caf::error& reason) mutable {
            shown->failed = true;
            told("node " + node.node + " " + spared + ": " + sentence_of(reason));
          });
    });
  }

  // -- one restart after the other ------------------------------------------------------------------------------------

  void restart_others(milliseconds lasts, answer promise) {
    const auto others = [this](const node_entry& node) { return node.reachable && node.node != settings.node; };
    ask_all(promise, others, [this, lasts, promise](std::vector<node_entry> nodes) mutable {
      if (nodes.empty()) {
        refuse(promise, caf::make_error(ec::conflict, "node " + settings.node
                                                        + " is alone: a rolling restart needs a cluster of several"));
        return;
      }
      waiting.assign(nodes.begin(), nodes.end());
      restarted = 0;
      begin_until = self->clock().now() + lasts;
      tell("node " + settings.node + ", which tells the others, is left out");
      promise.deliver(*shown);
      restart_next();
    });
  }

  void restart_next() {
    if (waiting.empty()) {
      tell(std::to_string(restarted) + " nodes were restarted");
      end(restarted == 0);
      return;
    }
    if (self->clock().now() >= begin_until) {
      for (const auto& node : waiting)
        tell("no time is left to restart node " + node.node);
      waiting.clear();
      restart_next();
      return;
    }
    const auto node = waiting.front();
    waiting.pop_front();
    restart(node, self->clock().now() + settings.others_patience);
  }

  /// All nodes must know that the node before it is up before this one may restart.
  void restart(const node_entry& node, caf::actor_clock::time_point patience) {
    inflict(
      {node.node, node_fault::restart, {}, 0},
      [this, node](const fault_applied& applied) {
        tell("node " + node.node + ": " + applied.description);
        await(node, self->clock().now() + settings.restart_patience);
      },
      [this, node, patience](const caf::error& reason) {
        if (reason == ec::conflict && self->clock().now() < patience) {
          self->run_delayed(settings.look_interval, [this, node, patience] { restart(node, patience); });
          return;
        }
        tell("node " + node.node + " is left out: " + sentence_of(reason));
        restart_next();
      });
  }

  void await(const node_entry& node, caf::actor_clock::time_point patience) {
    const auto again = [this, node, patience] {
      if (self->clock().now() < patience) {
        self->run_delayed(settings.look_interval, [this, node, patience] { await(node, patience); });
        return;
      }
      tell("node " + node.node + " does not come back: no further one is restarted");
      waiting.clear();
      end(true);
    };
    self->request(cluster, settings.request_timeout, list_nodes{})
      .then(
        [this, node, again](const node_list& list) {
          const auto now = std::ranges::find(list.nodes, node.node, &node_entry::node);
          if (now == list.nodes.end() || now->incarnation <= node.incarnation || now->state != node_state::up
              || !now->reachable) {
            again();
            return;
          }
          ++restarted;
          tell("node " + node.node + " is up again");
          restart_next();
        },
        [again](const caf::error&) { again(); });
  }

  fault_injector_actor::pointer self;
  fault_injector_settings settings;
  cluster_actor cluster;
  order_actor orders;
  std::optional<injected_fault> shown;
  /// Of a rolling restart.
  std::deque<node_entry> waiting;
  std::size_t restarted = 0;
  caf::actor_clock::time_point begin_until{};
};

} // namespace

fault_injector_actor spawn_fault_injector(caf::actor_system& sys, fault_injector_settings settings,
                                          cluster_actor cluster, order_actor orders) {
  return sys.spawn<fault_injector_actor::stateful_impl<fault_injector_state>>(std::move(settings), std::move(cluster),
                                                                              std::move(orders));
}

} // namespace waybill
