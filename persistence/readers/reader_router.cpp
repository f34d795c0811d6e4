#include "persistence/readers/reader_router.hpp"

#include "domain/base/errors.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_clock.hpp>
#include <caf/send.hpp>
#include <caf/typed_response_promise.hpp>

#include <algorithm>
#include <memory>
#include <ranges>
#include <utility>

namespace waybill {

namespace {

/// One that is made, and one behind it.
constexpr std::size_t most_at_a_reader = 2;

template <class Query>
bool is_scan(const Query&) {
  return false;
}

/// Whether it may look at many events to find few: the streams of an entity have an index.
bool is_scan(const read_log& query) {
  return query.limit > 0 && query.filter.stream.empty() && query.filter.order.empty();
}

} // namespace

reader_router_state::reader_router_state(reader_router_actor::stateful_pointer<reader_router_state> self, lane points,
                                         lane scans, std::size_t max_waiting)
  : self_{self}, lanes_{queued_lane{std::move(points), {}}, queued_lane{std::move(scans), {}}}, max_waiting_{
                                                                                                  max_waiting} {
  for (const auto& each : lanes_)
    for (const auto& reader : each.readers.workers)
      all_.push_back(reader.handle);
}

reader_router_state::~reader_router_state() {
  for (const auto& left : all_ | std::views::drop(ended_))
    caf::anon_send_exit(left, caf::exit_reason::user_shutdown);
}

template <class Query>
reader_router_state::queued_lane& reader_router_state::lane_of(const Query& query) {
  return lanes_[is_scan(query) && !lanes_[1].readers.workers.empty() ? 1 : 0];
}

const reader_router_state::worker* reader_router_state::find_free(const lane& among) const {
  const auto now = self_->clock().now();
  const auto rank = [now](const worker& candidate) {
    return std::pair{candidate.health->is_pausing(now), candidate.waiting->load()};
  };
  const auto idlest =
    std::ranges::min_element(among.workers, [&](const worker& a, const worker& b) { return rank(a) < rank(b); });
  // One that fails all queries at once has time for any number of them.
  return idlest->waiting->load() < most_at_a_reader || idlest->health->is_pausing(now) ? &*idlest : nullptr;
}

template <class Answer, class Query>
caf::result<Answer> reader_router_state::take(Query& query) {
  auto& to = lane_of(query);
  const auto* free = to.queue.empty() ? find_free(to.readers) : nullptr;
  if (free) {
    free->waiting->fetch_add(1);
    return self_->delegate(free->handle, std::move(query));
  }
  const auto connections = to.readers.workers.size();
  if (to.queue.size() + most_at_a_reader * connections >= max_waiting_ * connections)
    return caf::make_error(ec::overloaded, "too many queries wait for the database");
  // Read before the promise is made, which takes the sender.
  const auto& sender = self_->current_sender();
  const std::uint64_t sender_id = sender ? sender->id() : 0;
  const auto number = self_->current_message_id().request_id().integer_value();
  auto promise = self_->make_response_promise<Answer>();
  to.queue.push_back({sender_id, number,
                      [promise, kept = std::make_shared<Query>(std::move(query))](const reader_actor& reader) mutable {
                        promise.delegate(reader, std::move(*kept));
                      }});
  to.readers.shared->queued.fetch_add(1);
  // A reader that finished just before saw an empty queue.
  hand_out(to);
  return promise;
}

void reader_router_state::hand_out(queued_lane& from) {
  while (!from.queue.empty()) {
    const auto* free = find_free(from.readers);
    if (!free)
      return;
    auto next = std::move(from.queue.front());
    from.queue.pop_front();
    from.readers.shared->queued.fetch_sub(1);
    free->waiting->fetch_add(1);
    next.hand_over(free->handle);
  }
}

/// Its promise is dropped with it, which answers it.
void reader_router_state::abandon(const abandon_request& query) {
  const auto& sender = self_->current_sender();
  if (!sender)
    return;
  for (auto& each : lanes_) {
    const auto waiting = std::ranges::find_if(each.queue, [&](const waiting_query& candidate) {
      return candidate.request == query.request && candidate.sender == sender->id();
    });
    if (waiting == each.queue.end())
      continue;
    each.queue.erase(waiting);
    each.readers.shared->queued.fetch_sub(1);
    return;
  }
}

// The workers end one after the other: SQLite cleans up when the last connection closes, and of two that close at the
// same time each takes the other for the last.
void reader_router_state::end_next() {
  if (ended_ == all_.size()) {
    self_->quit(reason_);
    return;
  }
  const auto& next = all_[ended_++];
  self_->monitor(next);
  self_->send_exit(next, caf::exit_reason::user_shutdown);
}

reader_router_actor::behavior_type reader_router_state::make_behavior() {
  for (const auto& each : lanes_)
    each.readers.shared->connect([weak = caf::actor_cast<caf::actor_addr>(self_)] {
      if (const auto router = caf::actor_cast<reader_router_actor>(weak))
        caf::anon_send(router, caf::tick_atom_v);
    });
  self_->set_exit_handler([this](caf::exit_msg& message) {
    reason_ = message.reason;
    for (auto& each : lanes_) {
      each.readers.shared->disconnect();
      each.queue.clear();
    }
    end_next();
  });
  self_->set_down_handler([this](caf::down_msg&) { end_next(); });
  return [this]<class... Answer, class... Query>(boost::mp11::mp_list<Answer(Query)...>) {
    return reader_router_actor::behavior_type{[this](const abandon_request& query) { abandon(query); },
                                              [this](Query& query) { return take<Answer>(query); }...,
                                              [this](caf::tick_atom) {
                                                for (auto& each : lanes_)
                                                  if (!each.readers.workers.empty())
                                                    hand_out(each);
                                              }};
  }(all_queries{});
}

} // namespace waybill
