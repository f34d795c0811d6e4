#include "actors/audit/audit_window.hpp"

#include <utility>

namespace waybill {

void audit_window::reset(log_position position) {
  *this = {};
  position_ = end_ = position;
}

void audit_window::add(const log_page& page) {
  end_ = page.next;
  if (page.events.empty())
    return;
  page_units added{page.next, page.events.size(), page.events.front().at, {}};
  const auto number = first_ + pages_.size();
  for (const auto& event : page.events) {
    auto unit = audit_unit_of(event.stream);
    const auto [known, is_new] = page_of_.try_emplace(unit, number);
    if (!is_new && known->second != number) {
      pages_[known->second - first_].units.erase(unit);
      known->second = number;
    }
    added.units.insert(std::move(unit));
  }
  events_ += added.events;
  pages_.push_back(std::move(added));
}

std::optional<std::string> audit_window::front() const {
  if (pages_.empty() || pages_.front().units.empty())
    return std::nullopt;
  return *pages_.front().units.begin();
}

void audit_window::done(const std::string& unit) {
  const auto known = page_of_.find(unit);
  if (known == page_of_.end())
    return;
  pages_[known->second - first_].units.erase(unit);
  page_of_.erase(known);
}

audit_window::progress audit_window::advance() {
  std::uint64_t checked = 0;
  while (!pages_.empty() && pages_.front().units.empty()) {
    checked += pages_.front().events;
    events_ -= pages_.front().events;
    position_ = pages_.front().end;
    pages_.pop_front();
    ++first_;
  }
  return {position_, checked};
}

std::optional<timestamp> audit_window::oldest() const {
  return pages_.empty() ? std::nullopt : std::optional{pages_.front().begin};
}

} // namespace waybill
