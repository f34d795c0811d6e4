#include "actors/feed/catch_up_queue.hpp"

#include <algorithm>
#include <utility>

namespace waybill {

void catch_up_queue::line_up(const std::string& name, const asker& entry) {
  turns_.emplace(entry.paid, entry.arrival, name);
}

void catch_up_queue::add(feed_waiter waiter) {
  const auto name = waiter.request.asker;
  auto& entry = askers_[name];
  entry.waiting.push_back(std::move(waiter));
  ++size_;
  if (entry.is_reading || entry.waiting.size() > 1)
    return;
  entry.paid = std::max(entry.paid, level_);
  entry.arrival = ++arrivals_;
  line_up(name, entry);
}

std::optional<feed_waiter> catch_up_queue::take() {
  if (turns_.empty())
    return std::nullopt;
  const auto first = turns_.extract(turns_.begin());
  auto& entry = askers_.at(std::get<std::string>(first.value()));
  level_ = entry.paid;
  entry.is_reading = true;
  auto next = std::move(entry.waiting.front());
  entry.waiting.pop_front();
  --size_;
  ++reading_;
  return next;
}

void catch_up_queue::finish(const std::string& asker, std::uint64_t cost) {
  auto& entry = askers_.at(asker);
  entry.is_reading = false;
  // A read that took no time at all is a turn, too.
  entry.paid += std::max<std::uint64_t>(cost, 1);
  --reading_;
  if (!entry.waiting.empty()) {
    entry.arrival = ++arrivals_;
    line_up(asker, entry);
  }
  forget_idle();
}

bool catch_up_queue::remove(const feed_request_id& id) {
  for (auto& [name, entry] : askers_) {
    const auto waiter =
      std::ranges::find_if(entry.waiting, [&](const feed_waiter& candidate) { return candidate.id == id; });
    if (waiter == entry.waiting.end())
      continue;
    entry.waiting.erase(waiter);
    --size_;
    if (entry.waiting.empty() && !entry.is_reading)
      turns_.erase(std::tuple{entry.paid, entry.arrival, name});
    forget_idle();
    return true;
  }
  return false;
}

/// Forgets idle askers that have paid no more than a new asker starts with: if they come back, nothing is lost.
void catch_up_queue::forget_idle() {
  if (size_ == 0 && reading_ == 0) {
    askers_.clear();
    level_ = 0;
    return;
  }
  if (askers_.size() < look_at_)
    return;
  std::erase_if(askers_, [this](const auto& entry) {
    return entry.second.waiting.empty() && !entry.second.is_reading && entry.second.paid <= level_;
  });
  look_at_ = std::max<std::size_t>(2 * askers_.size(), 1'024);
}

} // namespace waybill
