#include "nodes/control/node_api.hpp"

#include "actors/audit/auditor.hpp"
#include "domain/base/errors.hpp"
#include "domain/json/codec.hpp"
#include "domain/public_data.hpp"
#include "nodes/cluster/gathering.hpp"

#include <caf/actor_system.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <algorithm>

namespace waybill {

namespace {

struct node_api_state {
  static inline const char* name = "waybill.node";

  node_api_state(node_api_actor::pointer ptr, node_api_parts own) : self(ptr), parts(std::move(own)) {}

  node_api_actor::behavior_type make_behavior() {
    return {
      [this](node_hello& hello) { return self->delegate(parts.cluster, std::move(hello)); },
      [this](membership_changed hint) { return self->delegate(parts.cluster, hint); },
      [this](list_nodes& query) { return self->delegate(parts.cluster, query); },
      [this](const list_actors& query) { return gather(query); },
      [this](list_cluster_actors& query) { return gather(std::move(query)); },
      [this](const inspect_actor& query) { return inspect(query); },
      [this](read_log& query) { return show_log(std::move(query)); },
      [this](get_log_end& query) { return show_log_end(query); },
      [this](retry_order& command) { return act(std::move(command)); },
      [this](resolve_order& command) { return act(std::move(command)); },
      [this](const get_audit_report&) { return show_audit(); },
      [this](run_full_audit& query) -> caf::result<full_audit_progress> {
        if (!parts.full_auditor)
          return caf::make_error(ec::unavailable, "this node cannot check everything");
        return self->delegate(parts.full_auditor, query);
      },
      [this](drain_node& request) { return self->delegate(parts.cluster, std::move(request)); },
      [this](apply_fault& fault) { return self->delegate(parts.cluster, std::move(fault)); },
      [this](list_orders& query) { return list(std::move(query)); },
      [this](get_order_progress& query) { return show_progress(std::move(query)); },
      [this](start_bulk_action& command) { return in_bulk<bulk_action_started>(std::move(command)); },
      [this](get_bulk_action& query) { return in_bulk<bulk::state>(std::move(query)); },
      [this](stop_bulk_action& command) { return in_bulk<bulk::state>(std::move(command)); },
      [this](list_webhooks& query) { return read<webhook_page>(std::move(query)); },
      [this](list_webhook_deliveries& query) { return read<webhook_delivery_page>(std::move(query)); },
      [this](retry_webhook_delivery& command) { return resend(std::move(command)); },
      [this](get_node_report query) -> caf::result<node_report> {
        if (!parts.reporter)
          return caf::make_error(ec::unavailable, "this node does not measure itself");
        return self->delegate(parts.reporter, query);
      },
      [this](trace_messages& query) { return trace(std::move(query)); },
      [this](gather_node_reports) { return gather_reports(); },
    };
  }

  caf::result<actor_list> gather(const list_actors& query) {
    if (!is_known(query.type))
      return unknown_type(query.type);
    gathering all{self, actor_list{}};
    ask_regions(all, query);
    return all.answer(arranged_for(query));
  }

  caf::result<actor_list> gather(list_cluster_actors request) {
    if (!is_known(request.query.type))
      return unknown_type(request.query.type);
    if (request.node == parts.node)
      return gather(request.query);
    if (!request.node.empty())
      return self->delegate(parts.cluster, std::move(request));
    gathering all{self, actor_list{}};
    ask_regions(all, request.query);
    all.ask(parts.cluster, {}, parts.request_timeout, request);
    return all.answer(arranged_for(request.query));
  }

  [[nodiscard]] bool is_known(const std::string& type) const { return type.empty() || parts.regions.contains(type); }

  static caf::error unknown_type(const std::string& type) {
    return caf::make_error(ec::invalid_argument, "there is no type of actor named " + type);
  }

  template <class Gathering>
  void ask_regions(Gathering& all, const list_actors& query) {
    for (auto& [type, region] : parts.regions)
      if (query.type.empty() || type == query.type)
        all.ask(region, parts.node, parts.request_timeout, query);
  }

  caf::result<node_reports> gather_reports() {
    gathering all{self, node_reports{}};
    if (parts.reporter)
      all.template ask<node_report>(parts.reporter, parts.node, parts.request_timeout, get_node_report{});
    else
      all.miss(parts.node, "it does not measure itself");
    all.ask(parts.cluster, {}, parts.request_timeout, gather_node_reports{});
    return all.answer();
  }

  /// A node that traces as many orders as it can does not keep the others from it.
  caf::result<message_trace> trace(trace_messages query) {
    if (!parts.tracer)
      return caf::make_error(ec::unavailable, "this node traces nothing");
    if (!query.everywhere)
      return self->delegate(parts.tracer, std::move(query));
    gathering all{self, message_trace{}};
    all.ask(parts.tracer, parts.node, parts.request_timeout, query);
    all.ask(parts.cluster, {}, parts.request_timeout, query);
    return all.answer();
  }

  caf::result<entity_description> inspect(const inspect_actor& query) {
    auto region = parts.regions.find(query.type);
    if (region == parts.regions.end())
      return unknown_type(query.type);
    // Not delegated: a region forwards only what comes from its own node.
    return ask<entity_description>(region->second, describe_entity{query.id}, [](entity_description&) {});
  }

  caf::result<log_page> show_log(read_log query) {
    if (!parts.reader)
      return no_reader();
    return ask<log_page>(parts.reader, std::move(query), [](log_page& page) {
      for (auto& event : page.events)
        event.data = public_event_data(event.type, std::move(event.data));
    });
  }

  caf::result<log_position> show_log_end(get_log_end query) {
    if (!parts.reader)
      return no_reader();
    return self->delegate(parts.reader, query);
  }

  /// Asked by this actor itself, because a region forwards only what comes from its own node.
  template <class Command>
  caf::result<order::state> act(Command command) {
    if (!parts.orders)
      return no_orders();
    return ask<order::state>(parts.orders, std::move(command), [](order::state& order) {
      order.payment.token.clear();
      order.fingerprint.clear();
    });
  }

  // -- what operators ask --------------------------------------------------------------------------------------------

  caf::result<state_page> list(list_orders query) {
    if (!parts.reader)
      return no_reader();
    query.limit = std::min<std::uint32_t>(query.limit, max_listed_ids);
    return ask<state_page>(parts.reader, std::move(query), [](state_page& page) {
      for (auto& state : page.states)
        state = without_secrets(state);
    });
  }

  /// What is stored stands behind the codec: what cannot be read is told as it is not, rather than with its secrets.
  static std::string without_secrets(const std::string& state) {
    auto order = decode<order::state>(state);
    return order ? encode<json_members::visible>(*order) : "{}";
  }

  caf::result<order_progress> show_progress(get_order_progress query) {
    if (!parts.orders)
      return no_orders();
    return ask<order_progress>(parts.orders, std::move(query), [](order_progress& progress) {
      progress.order.payment.token.clear();
      progress.order.fingerprint.clear();
    });
  }

  template <class Answer, class Query>
  caf::result<Answer> in_bulk(Query query) {
    if (!parts.bulk_actions)
      return caf::make_error(ec::unavailable, "this node cannot reach the bulk actions");
    return ask<Answer>(parts.bulk_actions, std::move(query), [](Answer&) {});
  }

  template <class Answer, class Query>
  caf::result<Answer> read(Query query) {
    if (!parts.reader)
      return no_reader();
    return ask<Answer>(parts.reader, std::move(query), [](Answer&) {});
  }

  caf::result<webhook_delivery_row> resend(retry_webhook_delivery command) {
    if (!parts.webhooks)
      return caf::make_error(ec::unavailable, "this node cannot reach the webhook endpoints");
    return ask<webhook_delivery_row>(parts.webhooks, std::move(command), [](webhook_delivery_row&) {});
  }

  /// The auditor keeps what it knows where every node can read it.
  caf::result<audit_report> show_audit() {
    if (!parts.reader)
      return no_reader();
    auto promise = self->make_response_promise<audit_report>();
    self->request(parts.reader, parts.request_timeout, load_entity{entity_kind::auditor, audit_stream})
      .then([this, promise](stored_entity& stored) { report_audit(std::move(stored), promise); },
            [promise](caf::error& reason) mutable { promise.deliver(std::move(reason)); });
    return promise;
  }

  void report_audit(stored_entity stored, caf::typed_response_promise<audit_report> promise) {
    const auto position = audit_position(stored);
    if (!position) {
      promise.deliver(caf::make_error(position.error().code, position.error().detail));
      return;
    }
    self->request(parts.reader, parts.request_timeout, read_log{*position, {}, 1, true})
      .then(
        [promise, stored = std::move(stored)](const log_page& next) mutable {
          auto report = make_audit_report(stored, next, now());
          if (report)
            promise.deliver(std::move(*report));
          else
            promise.deliver(caf::make_error(report.error().code, report.error().detail));
        },
        [promise](caf::error& reason) mutable { promise.deliver(std::move(reason)); });
  }

  static caf::error no_orders() { return caf::make_error(ec::unavailable, "this node cannot reach the orders"); }
  static caf::error no_reader() { return caf::make_error(ec::unavailable, "this node has no reader of the log"); }

  /// Answers with what `receiver` answers, after `edit`.
  template <class Answer, class Handle, class Query, class Edit>
  caf::result<Answer> ask(const Handle& receiver, Query query, Edit edit) {
    auto promise = self->make_response_promise<Answer>();
    self->request(receiver, parts.request_timeout, std::move(query))
      .then(
        [promise, edit](Answer& answer) mutable {
          edit(answer);
          promise.deliver(std::move(answer));
        },
        [promise](caf::error& reason) mutable { promise.deliver(std::move(reason)); });
    return promise;
  }

  node_api_actor::pointer self;
  node_api_parts parts;
};

} // namespace

node_api_actor spawn_node_api(caf::actor_system& sys, node_api_parts parts) {
  return sys.spawn<node_api_actor::stateful_impl<node_api_state>>(std::move(parts));
}

} // namespace waybill
