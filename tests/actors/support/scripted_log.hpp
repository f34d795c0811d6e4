#pragma once

#include "messages/actors.hpp"
#include "tests/support/memory_store.hpp"

#include <caf/actor.hpp>
#include <caf/actor_addr.hpp>
#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

namespace waybill::test {

/// The script of a reader of the log, and its requests so far.
struct scripted_log {
  /// Looks at so many events in one query, as the databases do.
  std::size_t window = 10;
  using held_query = std::pair<read_log, caf::typed_response_promise<log_page>>;

  /// Pages are not answered until answer_next.
  bool holds = false;
  std::vector<read_log> asked;
  std::vector<held_query> held;
  /// The requests of `held` that the actor answers as its next message.
  std::vector<held_query> released;
  caf::actor_addr actor;

  log_page page_of(const std::vector<stored_event>& log, const read_log& query) const {
    log_page page;
    page.next = query.after;
    const auto last = std::min<std::size_t>(query.after.sequence + window, log.size());
    for (auto at = query.after.sequence; at < last && page.events.size() < query.limit; ++at) {
      page.next = log[at].position;
      if (matches(query.filter, log[at]))
        page.events.push_back(log[at]);
    }
    return page;
  }

  void answer_next() {
    released.push_back(std::move(held.front()));
    held.erase(held.begin());
    caf::anon_send(caf::actor_cast<caf::actor>(actor), caf::tick_atom_v);
  }

  void answer_released(const memory_database& database) {
    for (auto& [query, promise] : std::exchange(released, {}))
      promise.deliver(page_of(database.log(), query));
  }
};

using scripted_log_actor = reader_actor::extend<caf::result<void>(caf::tick_atom)>;

/// A reader whose pages of the log follow the script; all else is `inner`'s.
inline scripted_log_actor spawn_scripted_log(caf::actor_system& sys, const memory_database& database,
                                             std::shared_ptr<scripted_log> script, reader_actor inner) {
  return sys.spawn([&database, script = std::move(script),
                    inner = std::move(inner)](scripted_log_actor::pointer self) -> scripted_log_actor::behavior_type {
    script->actor = self->address();
    const auto answer = [self, &database, script, inner]<class Answer, class Query>(Query& query) {
      if constexpr (std::is_same_v<Query, read_log>) {
        script->asked.push_back(query);
        auto promise = self->make_response_promise<log_page>();
        if (script->holds)
          script->held.emplace_back(query, promise);
        else
          promise.deliver(script->page_of(database.log(), query));
        return caf::result<log_page>{promise};
      } else {
        return caf::result<Answer>{self->delegate(inner, std::move(query))};
      }
    };
    return [&]<class... Answer, class... Query>(boost::mp11::mp_list<Answer(Query)...>) {
      return scripted_log_actor::behavior_type{
        [](abandon_request&) {}, [answer](Query& query) { return answer.template operator()<Answer>(query); }...,
        [&database, script](caf::tick_atom) { script->answer_released(database); }};
    }(all_queries{});
  });
}

} // namespace waybill::test
