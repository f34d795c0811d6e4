#pragma once

#include "actors/entity/memory/retrying_entities.hpp"
#include "domain/base/errors.hpp"
#include "messages/actors.hpp"
#include "messages/failures.hpp"

#include <caf/actor_cast.hpp>
#include <caf/typed_response_promise.hpp>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <memory>
#include <tuple>
#include <utility>

namespace waybill {

/// Answers list_retrying for all nodes: what is here, and what the regions of the other owners answer. Fails when one
/// of them cannot be asked: a list that lacks some would look complete.
template <class SelfPointer>
caf::result<retrying_list> gather_retrying(SelfPointer self, list_retrying query, const placement& owners,
                                           const retrying_entities& own) {
  struct gathering {
    caf::typed_response_promise<retrying_list> promise;
    retrying_list all;
    std::size_t missing = 1;
    bool failed = false;
    list_retrying query;

    void add(retrying_list&& part) {
      all.more = all.more || part.more;
      std::ranges::move(part.entities, std::back_inserter(all.entities));
      count_down();
    }

    void count_down() {
      if (--missing > 0)
        return;
      if (failed) {
        promise.deliver(to_error({ec::unavailable, "a node that owns some of them does not answer"}));
        return;
      }
      std::ranges::sort(all.entities, [&](const retrying_entity& x, const retrying_entity& y) {
        const auto& [first, second] = query.oldest_first ? std::tie(x, y) : std::tie(y, x);
        return std::tie(first.created_at, first.id) < std::tie(second.created_at, second.id);
      });
      if (all.entities.size() > query.limit) {
        all.entities.resize(query.limit);
        all.more = true;
      }
      promise.deliver(std::move(all));
    }
  };
  constexpr milliseconds timeout{2'000};
  const auto state = std::make_shared<gathering>();
  state->promise = self->template make_response_promise<retrying_list>();
  state->query = query;
  query.everywhere = false;
  state->failed = owners.peers.empty();
  for (const auto& peer : owners.peers) {
    if (peer.node == owners.self)
      continue;
    if (!peer.region) {
      state->failed = true;
      continue;
    }
    ++state->missing;
    self->request(caf::actor_cast<retrying_actor>(peer.region), timeout, query)
      .then([state](retrying_list& part) { state->add(std::move(part)); },
            [state](const caf::error&) {
              state->failed = true;
              state->count_down();
            });
  }
  auto promise = state->promise;
  state->add(own.list(query));
  return promise;
}

} // namespace waybill
