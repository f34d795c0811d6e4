#include "actors/webhooks/webhook_backlog.hpp"

#include <algorithm>
#include <utility>

namespace waybill {

namespace {

bool is_pending(const webhook_backlog::message& one) {
  return one.row.delivery.status == webhook::delivery_status::pending;
}

template <class Messages, class Condition>
std::size_t count_of(const Messages& messages, Condition condition) {
  return static_cast<std::size_t>(
    std::count_if(messages.begin(), messages.end(), [&](const auto& entry) { return condition(entry.second); }));
}

} // namespace

log_position just_before(log_position position) {
  return {position.transaction, position.sequence > 0 ? position.sequence - 1 : 0};
}

void webhook_backlog::add(webhook_delivery_row row, std::shared_ptr<const stored_event> event) {
  const auto position = row.position;
  messages_.insert_or_assign(position, message{std::move(row), std::move(event), false, false});
}

webhook_backlog::message* webhook_backlog::find(log_position position) {
  const auto found = messages_.find(position);
  return found == messages_.end() ? nullptr : &found->second;
}

webhook_backlog::message* webhook_backlog::find(const std::string& message_id) {
  const auto found = std::find_if(messages_.begin(), messages_.end(),
                                  [&](const auto& entry) { return entry.second.row.message == message_id; });
  return found == messages_.end() ? nullptr : &found->second;
}

webhook_backlog::message* webhook_backlog::take_due(timestamp now) {
  message* first = nullptr;
  for (auto& [position, one] : messages_) {
    const auto& due = one.row.delivery.next_attempt_at;
    if (one.in_flight || !is_pending(one) || !due || *due > now)
      continue;
    if (first == nullptr || *due < *first->row.delivery.next_attempt_at)
      first = &one;
  }
  if (first != nullptr)
    first->in_flight = true;
  return first;
}

std::optional<timestamp> webhook_backlog::next_due() const {
  std::optional<timestamp> next;
  for (const auto& [position, one] : messages_) {
    const auto& due = one.row.delivery.next_attempt_at;
    if (!one.in_flight && is_pending(one) && due && (!next || *due < *next))
      next = due;
  }
  return next;
}

std::vector<webhook_delivery_row> webhook_backlog::take_dirty() {
  std::vector<webhook_delivery_row> rows;
  for (auto& [position, one] : messages_)
    if (std::exchange(one.dirty, false))
      rows.push_back(one.row);
  return rows;
}

void webhook_backlog::mark_dirty(const std::vector<webhook_delivery_row>& rows) {
  for (const auto& row : rows)
    if (auto* one = find(row.position))
      one->dirty = true;
}

void webhook_backlog::drop_ended() {
  std::erase_if(messages_, [](const auto& entry) { return !is_pending(entry.second) && !entry.second.dirty; });
}

bool webhook_backlog::any_dirty() const {
  return std::any_of(messages_.begin(), messages_.end(), [](const auto& entry) { return entry.second.dirty; });
}

std::size_t webhook_backlog::in_flight() const {
  return count_of(messages_, [](const message& one) { return one.in_flight; });
}

std::size_t webhook_backlog::pending() const {
  return count_of(messages_, is_pending);
}

std::optional<log_position> webhook_backlog::lowest() const {
  for (const auto& [position, one] : messages_)
    if (is_pending(one))
      return position;
  return std::nullopt;
}

std::optional<timestamp> webhook_backlog::oldest() const {
  std::optional<timestamp> first;
  for (const auto& [position, one] : messages_)
    if (is_pending(one) && (!first || one.row.delivery.created_at < *first))
      first = one.row.delivery.created_at;
  return first;
}

} // namespace waybill
