#include "nodes/wiring/node_actors.hpp"

#include <set>

#define CAF_SUITE nodes.node_actors
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;

SCENARIO("each type of entity has one region, with its own name and part of a role") {
  const node_actors actors{};
  std::set<std::pair<role, role_part>> places;
  for (const auto& row : actors.regions())
    places.emplace(row.role, row.part);
  CHECK_EQ(places.size(), entity_types.size());
  const auto regions = actors.regions_by_name();
  CHECK_EQ(regions.size(), entity_types.size());
  for (const auto& type : entity_types)
    CHECK(regions.contains(std::string{type.name}));
}
