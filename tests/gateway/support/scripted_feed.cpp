#include "domain/base/errors.hpp"
#include "tests/gateway/support/scripted.hpp"

#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <utility>

namespace waybill::test::scripted {

namespace {

/// Answers when something has come or the time is over; log_advanced makes it look again.
struct feed_state {
  struct waiter {
    std::uint64_t number = 0;
    /// Of its message.
    std::uint64_t request = 0;
    read_feed wanted;
    caf::typed_response_promise<feed_page> promise;
  };
  std::vector<waiter> waiters;
  std::uint64_t last = 0;

  void give_up(world& w, std::uint64_t number) {
    const auto found = std::ranges::find(waiters, number, &waiter::number);
    if (found == waiters.end())
      return;
    const auto passed = behind(w, found->wanted.after, {});
    found->promise.deliver(feed_page{{}, passed.empty() ? found->wanted.after : passed.back().position});
    waiters.erase(found);
  }
};

bool deliver(world& w, feed_state::waiter& waiter) {
  if (w.silent_feed)
    return false;
  if (is_expired(w, waiter.wanted.after, waiter.wanted.from_earliest)) {
    waiter.promise.deliver(caf::make_error(ec::cursor_expired, "removed"));
    return true;
  }
  auto events = behind(w, waiter.wanted.after, waiter.wanted.filter);
  if (events.empty())
    return false;
  feed_page page;
  for (auto& event : events)
    if (page.events.size() < waiter.wanted.limit)
      page.events.push_back(std::make_shared<stored_event>(std::move(event)));
  page.next = page.events.back()->position;
  waiter.promise.deliver(page);
  return true;
}

event_feed_actor::behavior_type feed(event_feed_actor::stateful_pointer<feed_state> self, world_ptr w) {
  return {[self, w](read_feed& x) -> caf::result<feed_page> {
            const auto request = self->current_message_id().request_id().integer_value();
            feed_state::waiter waiter{++self->state.last, request, x, self->make_response_promise<feed_page>()};
            auto promise = waiter.promise;
            if (deliver(*w, waiter))
              return promise;
            if (!w->silent_feed)
              self->run_delayed(x.wait, [self, w, number = waiter.number] {
                self->state.give_up(*w, number);
                w->open_reads = self->state.waiters.size();
              });
            self->state.waiters.push_back(std::move(waiter));
            w->open_reads = self->state.waiters.size();
            return promise;
          },
          [self, w](abandon_request& x) {
            ++w->abandoned;
            std::erase_if(self->state.waiters, [&](const auto& waiter) { return waiter.request == x.request; });
            w->open_reads = self->state.waiters.size();
          },
          [self, w](log_advanced&) {
            std::erase_if(self->state.waiters, [&](auto& waiter) { return deliver(*w, waiter); });
            w->open_reads = self->state.waiters.size();
          }};
}

} // namespace

std::vector<stored_event> behind(world& w, const log_position& after, const event_filter& filter) {
  std::lock_guard guard{w.mutex};
  std::vector<stored_event> result;
  std::copy_if(w.log.begin(), w.log.end(), std::back_inserter(result), [&](const stored_event& event) {
    return event.position > after && event.position.sequence > w.removed && matches(filter, event);
  });
  return result;
}

bool is_expired(world& w, const log_position& after, bool from_earliest) {
  std::lock_guard guard{w.mutex};
  // This log was never replaced.
  return !from_earliest && (after.sequence < w.removed || after.generation != 0);
}

event_feed_actor spawn_feed(caf::actor_system& sys, world_ptr w) {
  return sys.spawn(feed, std::move(w));
}

} // namespace waybill::test::scripted
