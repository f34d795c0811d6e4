#include "actors/feed/feed_waiters.hpp"

#include "domain/order/order.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>
#include <utility>

namespace waybill {

namespace {

/// The part of an order's id that its payments and its delivery share; other ids as they are.
std::string_view suffix_of(std::string_view id) {
  constexpr auto prefix = order_id::prefix().size();
  return order::without_number(id.size() > prefix ? id.substr(prefix) : id);
}

std::string tagged(char kind, std::string_view value) {
  std::string out;
  out.reserve(value.size() + 1);
  out += kind;
  return out.append(value);
}

/// An event matches `filter` only if this is among its `subjects_of`.
std::string subject_of(const event_filter& filter) {
  if (!filter.stream.empty())
    return tagged('s', filter.stream);
  if (!filter.order.empty())
    return tagged('o', suffix_of(filter.order));
  // The courier of an event is known only from the event's data.
  if (!filter.customer.empty() && filter.courier.empty())
    return tagged('c', filter.customer);
  return {};
}

std::array<std::string, 4> subjects_of(const stored_event& event) {
  return {std::string{}, tagged('s', event.stream), tagged('o', suffix_of(event.stream)), tagged('c', event.customer)};
}

feed_page page_for(const read_feed& request, std::span<const event_ptr> matching, const log_position& end) {
  const auto seen = [&](const event_ptr& event) { return event->position <= request.after; };
  const auto first = std::ranges::find_if_not(matching, seen);
  const auto all = static_cast<std::size_t>(matching.end() - first);
  const auto taken = std::min<std::size_t>(all, request.limit);
  feed_page page;
  page.events.assign(first, first + static_cast<std::ptrdiff_t>(taken));
  page.next = taken < all ? page.events.back()->position : std::max(request.after, end);
  return page;
}

} // namespace

void feed_waiters::add(feed_waiter waiter) {
  const auto [at, is_new] = groups_.try_emplace(waiter.request.filter);
  if (is_new) {
    at->second.subject = subject_of(waiter.request.filter);
    by_subject_[at->second.subject].push_back(at);
  }
  by_id_.insert_or_assign(waiter.id, at);
  at->second.members.push_back(std::move(waiter));
  ++count_;
}

void feed_waiters::find_groups(const std::string& subject, const event_ptr& event,
                               std::vector<group_map::iterator>& concerned) {
  const auto candidates = by_subject_.find(subject);
  if (candidates == by_subject_.end())
    return;
  for (const auto at : candidates->second) {
    if (!matches(at->first, *event))
      continue;
    if (at->second.matching.empty())
      concerned.push_back(at);
    at->second.matching.push_back(event);
  }
}

void feed_waiters::announce(std::span<const event_ptr> events, const log_position& end) {
  if (empty())
    return;
  std::vector<group_map::iterator> concerned;
  for (const auto& event : events)
    for (const auto& subject : subjects_of(*event))
      find_groups(subject, event, concerned);
  for (const auto at : concerned) {
    const auto matching = std::exchange(at->second.matching, {});
    std::erase_if(at->second.members, [&](feed_waiter& waiter) {
      auto page = page_for(waiter.request, matching, end);
      if (page.events.empty())
        return false;
      waiter.promise.deliver(std::move(page));
      by_id_.erase(waiter.id);
      --count_;
      return true;
    });
    if (at->second.members.empty())
      remove_group(at);
  }
}

void feed_waiters::answer_overdue(caf::actor_clock::time_point time, const log_position& end) {
  for (auto at = groups_.begin(); at != groups_.end();) {
    const auto here = at++;
    std::erase_if(here->second.members, [&](feed_waiter& waiter) {
      if (time < waiter.deadline)
        return false;
      waiter.promise.deliver(feed_page{{}, std::max(waiter.request.after, end)});
      by_id_.erase(waiter.id);
      --count_;
      return true;
    });
    if (here->second.members.empty())
      remove_group(here);
  }
}

bool feed_waiters::remove(const feed_request_id& id) {
  const auto known = by_id_.find(id);
  if (known == by_id_.end())
    return false;
  const auto from = known->second;
  by_id_.erase(known);
  std::erase_if(from->second.members, [&](const feed_waiter& waiter) { return waiter.id == id; });
  --count_;
  if (from->second.members.empty())
    remove_group(from);
  return true;
}

std::optional<log_position> feed_waiters::furthest(const log_position& end) const {
  std::optional<log_position> place;
  for (const auto& [filter, those] : groups_)
    for (const auto& waiter : those.members)
      if (waiter.request.after <= end && (!place || *place < waiter.request.after))
        place = waiter.request.after;
  return place;
}

std::vector<feed_waiter> feed_waiters::take_all() {
  std::vector<feed_waiter> all;
  all.reserve(count_);
  for (auto& [filter, those] : groups_)
    std::ranges::move(those.members, std::back_inserter(all));
  groups_.clear();
  by_subject_.clear();
  by_id_.clear();
  count_ = 0;
  return all;
}

void feed_waiters::remove_group(group_map::iterator from) {
  const auto place = by_subject_.find(from->second.subject);
  std::erase(place->second, from);
  if (place->second.empty())
    by_subject_.erase(place);
  groups_.erase(from);
}

} // namespace waybill
