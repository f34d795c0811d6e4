#pragma once

#include "messages/actors.hpp"
#include "nodes/cluster/cluster.hpp"

#include <map>
#include <string>
#include <vector>

namespace waybill {

/// Parts of a region's interface that every kind has.
using lister_actor = caf::typed_actor<caf::result<actor_list>(list_actors)>;
using describer_actor = caf::typed_actor<caf::result<entity_description>(describe_entity)>;

/// What the face of a node shows; handles that are null are left out.
struct node_face_parts {
  std::string node;
  cluster_actor cluster;
  reader_actor reader;
  /// The local region by the type of its entities: `order`, `product`, `payment`, `delivery`.
  std::map<std::string, lister_actor> listers;
  std::map<std::string, describer_actor> describers;
  order_actor orders;
  full_auditor_actor full_auditor;
  milliseconds request_timeout{5'000};
};

/// Ends with send_exit.
node_face_actor spawn_node_face(caf::actor_system& sys, node_face_parts parts);

} // namespace waybill
