#include "nodes/cluster/gathered.hpp"
#include "nodes/options/role_words.hpp"

#define CAF_SUITE nodes.roles
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;

SCENARIO("roles are written as words and read back") {
  const std::vector<role> roles{role::gateway, role::inventory};
  CHECK_EQ(roles_to_text(roles), "gateway,inventory");
  CHECK(roles_from_text("gateway,inventory") == roles);
  CHECK(roles_from_text("") == std::vector<role>{});
}

SCENARIO("a role of a newer node is left out") {
  CHECK(roles_from_text("gateway,astrology,order") == (std::vector{role::gateway, role::order}));
}

SCENARIO("actors are listed by type and id, or the fullest mailbox first, up to the limit") {
  const auto entry = [](const char* type, const char* id, std::uint64_t mailbox) {
    return actor_entry{type, id, "a", mailbox, 0};
  };
  actor_list list{{entry("product", "p", 2), entry("order", "b", 9), entry("order", "a", 0)}, 3};
  arrange(list, false, 10);
  CHECK_EQ(list.actors[0].id, "a");
  CHECK_EQ(list.actors[2].id, "p");
  arrange(list, true, 2);
  REQUIRE_EQ(list.actors.size(), 2u);
  CHECK_EQ(list.actors[0].id, "b");
  CHECK_EQ(list.actors[1].id, "p");
  CHECK_EQ(list.total, 3u);
}
