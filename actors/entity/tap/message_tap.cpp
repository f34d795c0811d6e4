#include "actors/entity/tap/message_tap.hpp"

#include "domain/base/errors.hpp"
#include "domain/base/ids.hpp"

#include <algorithm>
#include <utility>

namespace waybill {

void message_tap::add(trace& to, traced_message message) const {
  if (to.unseen.size() >= limits_.messages)
    to.unseen.pop_front();
  to.unseen.push_back(std::move(message));
  ++to.noted;
}

void message_tap::forget_seen(trace& of, const trace_messages& query, const std::string& node) {
  const auto seen = std::ranges::find(query.seen, node, &seen_messages::node);
  if (seen == query.seen.end() || seen->since != of.since)
    return;
  while (!of.unseen.empty() && of.noted - of.unseen.size() < seen->count)
    of.unseen.pop_front();
}

result<noted_messages> message_tap::fetch(const trace_messages& query, const std::string& node, timestamp since,
                                          time_point now) {
  if (!is_id(query.order, order_id::prefix()))
    return failure{ec::invalid_argument, "'" + query.order + "' is not the id of an order"};
  const std::lock_guard guard{mutex_};
  auto found = std::ranges::find_if(
    traces_, [&](const trace& known) { return known.asker == query.asker && known.order == query.order; });
  if (found == traces_.end()) {
    if (query.ends)
      return noted_messages{node, {}, since, 0, {}};
    if (traces_.size() >= limits_.traces)
      return failure{ec::overloaded, "it traces " + std::to_string(limits_.traces) + " orders already"};
    found = traces_.insert(traces_.end(), {query.order, query.asker, since});
    is_on_.store(true, std::memory_order_relaxed);
  }
  found->asked_at = now;
  forget_seen(*found, query, node);
  noted_messages answer{
    node, {}, found->since, found->noted - found->unseen.size(), {found->unseen.begin(), found->unseen.end()}};
  if (query.ends) {
    traces_.erase(found);
    is_on_.store(!traces_.empty(), std::memory_order_relaxed);
  }
  return answer;
}

bool message_tap::expire(time_point now) {
  const std::lock_guard guard{mutex_};
  std::erase_if(traces_, [&](const trace& known) { return now - known.asked_at >= limits_.patience; });
  is_on_.store(!traces_.empty(), std::memory_order_relaxed);
  return !traces_.empty();
}

} // namespace waybill
