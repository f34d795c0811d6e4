#pragma once

#include "messages/cluster/placement.hpp"
#include "persistence/journal/journal_actor.hpp"
#include "tests/actors/support/audit.hpp"
#include "tests/actors/support/order_node.hpp"

#include <caf/test/bdd_dsl.hpp>

namespace waybill::test {

/// Two nodes over the same database: `test`, which is a whole one, and `other`, which has regions of products and
/// orders. Each believes what it is told by `place`. Checks the invariants in the end.
struct two_nodes : order_node {
  two_nodes() : other_services(services()) {
    other_services.node = "other";
    other_services.sequence = std::make_shared<append_sequence>();
    other_services.journals = {sys.spawn<journal_impl::stateful_impl<journal_state>>(
      database.open_journal("other"), journal_settings{}, journal_links{.sequence = other_services.sequence})};
    other = spawn_product_region(sys, other_services, chosen().products);
    other_orders = spawn_order_region(sys, other_services, chosen().orders);
    caf::anon_send(other_orders, direct());
  }

  ~two_nodes() override {
    for (const auto& actor : {caf::actor_cast<caf::actor>(other), caf::actor_cast<caf::actor>(other_orders),
                              caf::actor_cast<caf::actor>(other_services.journals.front())})
      caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
    consume_messages();
    CHECK_EQ(auditor{*this}.check(), std::vector<std::string>{});
  }

  template <class Handle>
  static region_peer peer(const std::string& node, const Handle& region) {
    return {node, caf::actor_cast<caf::strong_actor_ptr>(region)};
  }

  /// Tells `region`, which is of the node `at`, that `peers` own all.
  template <class Region>
  void place(const Region& region, const std::string& at, std::vector<region_peer> peers,
             std::vector<region_peer> leaving = {}, bool fenced = false) {
    caf::anon_send(region, placement{++epoch, at, std::move(peers), std::move(leaving), fenced});
  }

  template <class Region>
  std::uint64_t active(const Region& region) {
    return ask<actor_list>(region, list_actors{}).value().total;
  }

  template <class Answer>
  static bool is_answered(const pending<Answer>& answer) {
    return answer->has_value();
  }

  std::uint64_t epoch = 10;
  entity_services other_services;
  product_region_actor other;
  order_region_actor other_orders;
};

} // namespace waybill::test
