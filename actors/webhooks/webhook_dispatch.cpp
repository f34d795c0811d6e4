#include "actors/webhooks/webhook_entity.hpp"

#include "domain/base/errors.hpp"
#include "domain/base/log.hpp"

#include <algorithm>
#include <utility>

// How an endpoint follows the log: a page of events is written down (webhook_recording.cpp) as pending deliveries, in
// one transaction with the cursor behind it, and joins the backlog after that.

namespace waybill {

provenance webhook_entity::own_origin() const {
  provenance origin;
  origin.correlation_id = origin.causation_id = id();
  origin.by_id = "webhooks";
  return origin;
}

bool webhook_entity::may_work() const {
  return loaded_ && !leaving_ && is_there() && services().may_serve() && (!rest_until_ || *rest_until_ <= now());
}

void webhook_entity::rest() {
  rest_until_ = now() + settings_.pause;
  arm(*rest_until_);
}

std::optional<timestamp> webhook_entity::due() const {
  if (leaving_ || !unfinished())
    return std::nullopt;
  // Nothing is done before, whatever is due.
  if (rest_until_ && *rest_until_ > now())
    return rest_until_;
  // While the delivery log is swept, the answer comes first.
  auto next = sweeping_ ? std::nullopt : sweep_at_;
  const auto sooner = [&next](std::optional<timestamp> when) {
    if (when && (!next || *when < *next))
      next = when;
  };
  // When all places are taken, the next answer comes first.
  if (state().status == webhook::status::enabled && sender_ && backlog_.in_flight() < settings_.max_in_flight)
    sooner(backlog_.next_due());
  return next;
}

void webhook_entity::go_on() {
  if (leaving_ || !exists() || state().status != webhook::status::enabled)
    stop_reading();
  if (leaving_ || !exists() || !state().replay || state().status != webhook::status::enabled)
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
  if (const auto when = due())
    arm(std::max(*when, now()));
}

void webhook_entity::show_metrics() {
  if (!gauges_)
    gauges_ = metrics_->of(id());
  const auto oldest = backlog_.oldest();
  gauges_->backlog->value(static_cast<std::int64_t>(backlog_.pending()));
  gauges_->lag->value(oldest ? std::chrono::duration_cast<std::chrono::seconds>(now() - *oldest).count() : 0);
  gauges_->failing->value(is_failing() ? 1 : 0);
  services().troubles->set("webhook " + id(), is_failing() ? "webhook endpoint " + id() + " (" + state().url
                                                               + ") takes nothing: " + progress_.last_error
                                                           : "");
}

/// Loads the pending messages, after a start or a hand-over.
void webhook_entity::fetch_backlog() {
  if (fetching_ || (rest_until_ && *rest_until_ > now()))
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

void webhook_entity::stop_reading() {
  if (!reading_request_)
    return;
  self()->send(feed_, abandon_request{*std::exchange(reading_request_, {})});
  // The answer, which is none, is not looked at.
  ++reads_;
  reading_ = false;
}

void webhook_entity::stop_replaying() {
  if (!replay_request_)
    return;
  self()->send(feed_, abandon_request{*std::exchange(replay_request_, {})});
  ++replays_;
  replaying_ = false;
}

void webhook_entity::read_on() {
  // A read that asked for other types than the endpoint has now is not waited for.
  const bool outdated = reading_ && !next_.cursor && !writing_ && asked_for_ != state().types;
  if (outdated)
    stop_reading();
  if (!may_send() || reading_ || !feed_ || backlog_.size() >= settings_.max_backlog)
    return;
  reading_ = true;
  ++reads_;
  asked_for_ = state().types;
  read_feed query;
  query.after = progress_.cursor;
  query.filter.types = state().types;
  query.limit =
    std::min<std::uint32_t>(settings_.page_size, settings_.max_backlog - static_cast<std::uint32_t>(backlog_.size()));
  query.wait = settings_.feed_wait;
  query.from_earliest = lost_place_;
  query.asker = id();
  auto request = self()->request(feed_, bounded_elsewhere, std::move(query));
  reading_request_ = request.id().request_id().integer_value();
  std::move(request).then(
    [this, generation = generation_, number = reads_](const feed_page& page) {
      if (generation != generation_ || number != reads_)
        return;
      reading_request_.reset();
      on_feed(page);
    },
    [this, generation = generation_, number = reads_](const caf::error& reason) {
      if (generation != generation_ || number != reads_)
        return;
      reading_request_.reset();
      reading_ = false;
      if (reason == ec::cursor_expired)
        on_expired();
      else
        rest();
    });
}

/// Either the events behind the cursor were removed, or the log was replaced: then the stored cursor is of the new log.
void webhook_entity::on_expired() {
  const bool loaded_since = expired_ == progress_.cursor;
  expired_ = loaded_since ? std::nullopt : std::optional{progress_.cursor};
  if (loaded_since && !lost_place_) {
    lost_place_ = true;
    log_warning(
      "webhook endpoint {} was disabled for longer than events are kept: those that were removed from the log "
      "will not be sent",
      id());
    go_on();
  } else if (loaded_since || !load_again()) {
    expired_.reset();
    rest();
  }
}

void webhook_entity::on_feed(const feed_page& page) {
  // The endpoint may have been disabled or changed since it asked: then the page is dropped.
  if (!may_send() || asked_for_ != state().types) {
    reading_ = false;
    go_on();
    return;
  }
  lost_place_ = false;
  if (page.events.empty()) {
    reading_ = false;
    progress_changed_ = progress_changed_ || progress_.cursor < page.next;
    progress_.cursor = std::max(progress_.cursor, page.next);
  } else {
    for (const auto& event : page.events)
      add_to_plan(event);
    next_.cursor = page.next;
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
  if (!may_send() || replaying_ || !state().replay || !feed_ || backlog_.size() >= settings_.max_backlog / 2)
    return;
  replaying_ = true;
  ++replays_;
  read_feed query{progress_.replayed_to, {}, settings_.page_size};
  query.asker = id();
  query.filter.types = state().replay->types.empty() ? state().types : state().replay->types;
  // Events of the range that were removed are skipped.
  query.from_earliest = true;
  auto request = self()->request(feed_, bounded_elsewhere, std::move(query));
  replay_request_ = request.id().request_id().integer_value();
  std::move(request).then(
    [this, generation = generation_, number = replays_, range = *state().replay](const feed_page& page) {
      if (generation != generation_ || number != replays_)
        return;
      replay_request_.reset();
      on_replay_page(range, page);
    },
    [this, generation = generation_, number = replays_](const caf::error&) {
      if (generation != generation_ || number != replays_)
        return;
      replay_request_.reset();
      replaying_ = false;
      rest();
    });
}

void webhook_entity::on_replay_page(const webhook::replay_range& range, const feed_page& page) {
  if (!may_send() || state().replay != range) {
    replaying_ = false;
    go_on();
    return;
  }
  // The range was asked for in the log that was there then.
  const auto end = parse_log_position(range.before).value_or(log_position{}).of_generation(page.next.generation);
  for (const auto& event : page.events)
    if (event->position < end)
      add_to_plan(event);
  next_.replayed_to = page.next;
  next_.replay_ended = page.next >= just_before(end) || page.next <= progress_.replayed_to;
  go_on();
}

} // namespace waybill
