#include "actors/webhooks/webhook_backlog.hpp"

#include <algorithm>
#include <utility>

namespace waybill {

namespace {

bool is_pending(const webhook_backlog::message& candidate) {
  return candidate.row.delivery.status == webhook::delivery_status::pending;
}

template <class Messages, class Condition>
std::size_t count_of(const Messages& messages, Condition condition) {
  return static_cast<std::size_t>(
    std::count_if(messages.begin(), messages.end(), [&](const auto& entry) { return condition(entry.second); }));
}

} // namespace

log_position just_before(log_position position) {
  return {position.transaction, position.sequence > 0 ? position.sequence - 1 : 0, position.generation};
}

void webhook_backlog::add(webhook_delivery_row row, std::shared_ptr<const stored_event> event) {
  const auto position = row.position;
  messages_.insert_or_assign(position, message{std::move(row), std::move(event), false, false});
}

webhook_backlog::message* webhook_backlog::find(log_position position) {
  const auto entry = messages_.find(position);
  return entry == messages_.end() ? nullptr : &entry->second;
}

webhook_backlog::message* webhook_backlog::find(const std::string& message_id) {
  const auto entry = std::find_if(messages_.begin(), messages_.end(),
                                  [&](const auto& candidate) { return candidate.second.row.message == message_id; });
  return entry == messages_.end() ? nullptr : &entry->second;
}

webhook_backlog::message* webhook_backlog::take_due(timestamp now) {
  message* first = nullptr;
  for (auto& [position, candidate] : messages_) {
    const auto& due = candidate.row.delivery.next_attempt_at;
    if (candidate.in_flight || !is_pending(candidate) || !due || *due > now)
      continue;
    if (first == nullptr || *due < *first->row.delivery.next_attempt_at)
      first = &candidate;
  }
  if (first != nullptr)
    first->in_flight = true;
  return first;
}

std::optional<timestamp> webhook_backlog::next_due() const {
  std::optional<timestamp> next;
  for (const auto& [position, candidate] : messages_) {
    const auto& due = candidate.row.delivery.next_attempt_at;
    if (!candidate.in_flight && is_pending(candidate) && due && (!next || *due < *next))
      next = due;
  }
  return next;
}

std::vector<webhook_delivery_row> webhook_backlog::take_dirty() {
  std::vector<webhook_delivery_row> rows;
  for (auto& [position, candidate] : messages_)
    if (std::exchange(candidate.dirty, false))
      rows.push_back(candidate.row);
  return rows;
}

void webhook_backlog::mark_dirty(const std::vector<webhook_delivery_row>& rows) {
  for (const auto& row : rows)
    if (auto* changed = find(row.position))
      changed->dirty = true;
}

void webhook_backlog::drop_ended() {
  std::erase_if(messages_, [](const auto& entry) { return !is_pending(entry.second) && !entry.second.dirty; });
}

bool webhook_backlog::any_dirty() const {
  return std::any_of(messages_.begin(), messages_.end(), [](const auto& entry) { return entry.second.dirty; });
}

std::size_t webhook_backlog::in_flight() const {
  return count_of(messages_, [](const webhook_backlog::message& pending) { return pending.in_flight; });
}

std::size_t webhook_backlog::pending() const {
  return count_of(messages_, is_pending);
}

std::optional<log_position> webhook_backlog::lowest() const {
  for (const auto& [position, candidate] : messages_)
    if (is_pending(candidate))
      return position;
  return std::nullopt;
}

std::optional<timestamp> webhook_backlog::oldest() const {
  std::optional<timestamp> first;
  for (const auto& [position, candidate] : messages_)
    if (is_pending(candidate) && (!first || candidate.row.delivery.created_at < *first))
      first = candidate.row.delivery.created_at;
  return first;
}

} // namespace waybill
