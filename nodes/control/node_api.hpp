#pragma once

#include "actors/entity/tap/message_tracer.hpp"
#include "messages/actors.hpp"
#include "nodes/cluster/cluster.hpp"

#include <map>
#include <string>

namespace waybill {

/// What the regions of all kinds of entities have in common.
using entity_region_actor =
  caf::typed_actor<caf::result<void>(placement), caf::result<void>(finish_hand_over),
                   caf::result<actor_list>(list_actors), caf::result<entity_description>(describe_entity)>;

/// What the node API answers from; handles that are null are left out.
struct node_api_parts {
  std::string node;
  cluster_actor cluster;
  reader_actor reader;
  /// The regions of this node by the name of their type (messages/entity_types.hpp).
  std::map<std::string, entity_region_actor> regions;
  order_actor orders;
  full_auditor_actor full_auditor;
  bulk_action_actor bulk_actions;
  webhook_actor webhooks;
  node_reporter_actor reporter;
  message_tracer_actor tracer;
  milliseconds request_timeout{5'000};
};

/// Ends with send_exit.
node_api_actor spawn_node_api(caf::actor_system& sys, node_api_parts parts);

} // namespace waybill
