#include "actors/webhooks/webhook_entity.hpp"

#include "domain/base/log.hpp"

#include <algorithm>
#include <utility>

// How an endpoint follows the log: a page of events is written down (webhook_recording.cpp) as pending deliveries, in
// one transaction with the cursor behind it, and joins the backlog after that.

namespace waybill {

std::optional<timestamp> webhook_entity::next_work() const {
  // While the delivery log is swept, the answer comes first.
  auto next = sweeping_ ? std::nullopt : sweep_at_;
  const auto sooner = [&next](std::optional<timestamp> when) {
    if (when && (!next || *when < *next))
      next = when;
  };
  // When all places are taken, the next answer comes first.
  if (is_enabled() && sender_ && backlog_.in_flight() < settings_.max_in_flight)
    sooner(backlog_.next_due());
  return next;
}

void webhook_entity::go_on() {
  const bool may_read = !leaving_ && is_enabled();
  if (!may_read)
    stop_reading();
  if (!may_read || !state().replay)
    stop_replaying();
  if (leaving_ || !exists() || state().purged)
    return;
  if (!services().may_serve()) {
    rest();
    return;
  }
  if (!loaded_) {
    fetch_backlog();
    return;
  }
  if (!sweep_at_)
    sweep_at_ = now() + settings_.sweep;
  if (!is_there()) {
    purge_log();
  } else {
    read_on();
    read_replay();
    send_due();
    sweep();
  }
  write();
  show_metrics();
  arm_next();
}

void webhook_entity::show_metrics() {
  if (!gauges_)
    gauges_ = metrics_->of(id());
  const auto oldest = backlog_.oldest();
  gauges_->backlog->value(static_cast<std::int64_t>(backlog_.pending()));
  gauges_->lag->value(oldest ? std::chrono::duration_cast<std::chrono::seconds>(now() - *oldest).count() : 0);
  gauges_->failing->value(is_failing() ? 1 : 0);
  show_trouble(is_failing(), state().url);
}

/// Loads the pending messages, after a start or a hand-over.
void webhook_entity::fetch_backlog() {
  if (fetching_ || rests())
    return;
  fetching_ = true;
  list_webhook_deliveries query;
  query.endpoint = id();
  query.status = webhook::delivery_status::pending;
  query.oldest_first = true;
  // Retried and replayed messages may exceed the bound.
  query.limit = settings_.max_backlog * 4;
  self()
    ->request(services().reader, bounded_elsewhere, std::move(query))
    .then(
      [this, generation = generation_](webhook_delivery_page& page) {
        if (generation != generation_)
          return;
        fetching_ = false;
        loaded_ = true;
        for (auto& row : page.deliveries)
          backlog_.add(std::move(row), nullptr);
        go_on();
      },
      [this, generation = generation_](const caf::error&) {
        if (generation != generation_)
          return;
        fetching_ = false;
        rest();
      });
}

// -- following the log ------------------------------------------------------------------------------------------------

void webhook_entity::read_on() {
  // A read that asked for other types than the endpoint has now is not waited for.
  if (asked_for_ != state().types)
    stop_reading();
  if (!may_send() || is_reading() || page_is_open_ || !feed_ || backlog_.size() >= settings_.max_backlog)
    return;
  asked_for_ = state().types;
  const auto room = settings_.max_backlog - static_cast<std::uint32_t>(backlog_.size());
  read_behind(progress_.cursor, std::min(settings_.page_size, room));
}

void webhook_entity::on_place_lost() {
  log_warning("webhook endpoint {} was disabled for longer than events are kept: those that were removed from the log "
              "will not be sent",
              id());
}

void webhook_entity::on_page(const feed_page& page) {
  // The endpoint may have been disabled or changed since it asked: then the page is dropped.
  if (!may_send() || asked_for_ != state().types) {
    go_on();
    return;
  }
  lost_place_ = false;
  if (page.events.empty()) {
    progress_changed_ = progress_changed_ || progress_.cursor < page.next;
    progress_.cursor = std::max(progress_.cursor, page.next);
  } else {
    for (const auto& event : page.events)
      add_to_plan(event);
    next_.cursor = page.next;
    page_is_open_ = true;
  }
  go_on();
}

void webhook_entity::add_to_plan(const event_ptr& event) {
  const bool known = backlog_.contains(event->position)
                     || std::any_of(next_.added.begin(), next_.added.end(),
                                    [&](const auto& added) { return added.first.position == event->position; });
  if (known)
    return;
  webhook_delivery_row row;
  row.endpoint = id();
  row.position = event->position;
  row.message = webhook::message_of(event_id(*event)).value;
  row.stream = event->stream;
  row.version = event->version;
  row.type = event->type;
  row.delivery = webhook::new_delivery(now());
  next_.added.emplace_back(std::move(row), event);
}

/// A replay takes at most half of the backlog; the rest is for new events.
void webhook_entity::read_replay() {
  const bool is_busy = replaying_.is_open() || replay_is_open_;
  if (!may_send() || is_busy || !state().replay || !feed_ || backlog_.size() >= settings_.max_backlog / 2)
    return;
  read_feed query{progress_.replayed_to, {}, settings_.page_size};
  query.asker = id();
  query.filter.types = state().replay->types.empty() ? state().types : state().replay->types;
  // Events of the range that were removed are skipped.
  query.from_earliest = true;
  replaying_.ask(
    self(), feed_, std::move(query),
    [this, range = *state().replay](const feed_page& page) { on_replay_page(range, page); },
    [this](const caf::error&) { rest(); });
}

void webhook_entity::on_replay_page(const webhook::replay_range& range, const feed_page& page) {
  if (!may_send() || state().replay != range) {
    go_on();
    return;
  }
  // The range was asked for in the log that was there then.
  const auto end = parse_log_position(range.before).value_or(log_position{}).of_generation(page.next.generation);
  for (const auto& event : page.events)
    if (event->position < end)
      add_to_plan(event);
  replay_is_open_ = true;
  next_.replayed_to = page.next;
  next_.replay_ended = page.next >= just_before(end) || page.next <= progress_.replayed_to;
  go_on();
}

} // namespace waybill
