#include "actors/webhooks/webhook_entity.hpp"

#include "domain/base/log.hpp"
#include "domain/octets/octets.hpp"
#include "domain/webhook/signature.hpp"
#include "messages/journal/event_json.hpp"

namespace waybill {

namespace {

/// As in the Standard Webhooks specification; `data` is the whole event of API.md.
std::string body_of(const stored_event& event) {
  std::string body = "{\"type\":";
  append_json(body, event.type);
  body += ",\"timestamp\":";
  append_json(body, event.at);
  body += ",\"data\":";
  append_event_json(body, event);
  return body + '}';
}

/// The same without an event.
std::string test_body(const webhook_id& endpoint, timestamp at) {
  std::string body = "{\"type\":\"webhook.test\",\"timestamp\":";
  append_json(body, at);
  body += ",\"data\":{\"endpoint\":";
  append_json(body, endpoint);
  return body + "}}";
}

constexpr std::string_view outcome_of(webhook::verdict verdict) {
  switch (verdict) {
    case webhook::verdict::delivered: return "delivered";
    case webhook::verdict::again: return "retry";
    case webhook::verdict::failed: return "failed";
    case webhook::verdict::gone: return "gone";
  }
  return "retry";
}

} // namespace

void webhook_entity::send_due() {
  auto under_way = backlog_.in_flight();
  while (may_send() && sender_ && under_way < settings_.max_in_flight) {
    auto* due = backlog_.take_due(now());
    if (due == nullptr)
      return;
    ++under_way;
    if (due->event)
      post(*due);
    else
      fetch_event(due->row.position, due->row.stream);
  }
}

/// The event of a message that waits for its next attempt is not kept in memory.
void webhook_entity::fetch_event(log_position position, const std::string& stream) {
  read_log query;
  query.after = just_before(position);
  query.filter.stream = stream;
  query.limit = 1;
  // A removed event must be an empty page, not an error: after an error the message would be tried again for ever.
  query.from_earliest = true;
  self()
    ->request(services().reader, bounded_elsewhere, std::move(query))
    .then(
      [this, generation = generation_, position](log_page& page) {
        auto* entry = generation == generation_ ? backlog_.find(position) : nullptr;
        if (entry == nullptr)
          return;
        if (page.events.empty() || page.events.front().position != position) {
          end_without_event(*entry);
          return;
        }
        entry->event = std::make_shared<const stored_event>(std::move(page.events.front()));
        post(*entry);
      },
      [this, generation = generation_, position](const caf::error& reason) {
        if (generation == generation_)
          on_not_sent(position, to_failure(reason));
      });
}

/// Only after the endpoint was disabled for longer than events are kept.
void webhook_entity::end_without_event(message& lost) {
  log_warning("webhook endpoint {}: message {} cannot be sent, its event is no longer in the log", id(),
              lost.row.message);
  lost.in_flight = false;
  lost.dirty = true;
  auto& delivery = lost.row.delivery;
  delivery.status = webhook::delivery_status::failed;
  delivery.last_error = "the event is no longer in the log";
  delivery.next_attempt_at.reset();
  delivery.changed_at = now();
  go_on();
}

std::string webhook_entity::signatures_of(const std::string& id, std::int64_t seconds, const std::string& body) const {
  const auto& keys = state().keys;
  auto live = keys.current;
  if (keys.previous_until && now() < *keys.previous_until)
    live += ' ' + keys.previous;
  const auto read = webhook_signature::read_keys(live);
  std::string signatures;
  if (read)
    for (const auto& key : *read)
      signatures += (signatures.empty() ? "" : " ") + webhook_signature::sign(key, id, seconds, body);
  return signatures;
}

post_webhook webhook_entity::signed_post(std::string message, std::string body) const {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now().time_since_epoch()).count();
  post_webhook request;
  request.url = state().url;
  request.signatures = signatures_of(message, seconds, body);
  request.message = std::move(message);
  request.timestamp = std::to_string(seconds);
  request.body = std::move(body);
  return request;
}

void webhook_entity::send_test(caf::typed_response_promise<webhook_answer> promise) {
  testing_ = true;
  auto request = signed_post(make_id<webhook_message_id>().value, test_body(state().id, now()));
  request.timeout = settings_.test_timeout;
  self()
    ->request(sender_, bounded_elsewhere, std::move(request))
    .then(
      [this, promise, generation = generation_](webhook_answer& answer) mutable {
        if (generation == generation_)
          testing_ = false;
        promise.deliver(std::move(answer));
      },
      [this, promise, generation = generation_](const caf::error& reason) mutable {
        if (generation == generation_)
          testing_ = false;
        promise.deliver(to_error(to_failure(reason)));
      });
}

void webhook_entity::post(message& due) {
  auto request = signed_post(due.row.message, body_of(*due.event));
  request.traceparent = due.event->origin.traceparent;
  due.event.reset();
  self()
    ->request(sender_, bounded_elsewhere, std::move(request))
    .then(
      [this, generation = generation_, position = due.row.position](const webhook_answer& answer) {
        if (generation == generation_)
          on_answer(position, answer);
      },
      [this, generation = generation_, position = due.row.position](const caf::error& reason) {
        if (generation == generation_)
          on_not_sent(position, to_failure(reason));
      });
}

/// Nothing was sent: this does not count as an attempt.
void webhook_entity::on_not_sent(log_position position, const failure& reason) {
  if (auto* entry = backlog_.find(position))
    entry->in_flight = false;
  log_info("webhook endpoint {} cannot send now, trying again: {}", id(), reason.detail);
  rest();
}

void webhook_entity::on_answer(log_position position, const webhook_answer& answer) {
  auto* entry = backlog_.find(position);
  if (entry == nullptr)
    return;
  entry->in_flight = false;
  entry->dirty = true;
  webhook::attempt attempt;
  attempt.status = answer.status;
  attempt.error = answer.error;
  attempt.took = answer.took;
  attempt.at = now();
  attempt.retry_after = webhook::read_retry_after(answer.retry_after, attempt.at);
  const auto verdict = webhook::take_attempt(entry->row.delivery, attempt, settings_.delivery,
                                             static_cast<std::uint32_t>(random_number()));
  metrics_->attempts->get_or_add({{"outcome", outcome_of(verdict)}})->inc();
  if (verdict == webhook::verdict::delivered) {
    progress_.last_success_at = attempt.at;
  } else {
    progress_.last_failure_at = attempt.at;
    progress_.last_error = entry->row.delivery.last_error;
  }
  report_health(*entry, verdict);
  go_on();
}

/// An endpoint to which nothing is delivered while a message is tried several times is failing: the log tells it. It is
/// disabled when a whole schedule of attempts came to nothing, or when the receiver is gone.
void webhook_entity::report_health(const message& sent, webhook::verdict verdict) {
  const auto& delivery = sent.row.delivery;
  if (verdict == webhook::verdict::delivered) {
    if (state().failing_since) {
      log_info("webhook endpoint {} works again", id());
      execute(webhook::report_recovery{}, own_origin(), {});
    }
    return;
  }
  const bool gone = verdict == webhook::verdict::gone;
  const bool nothing_got_through = !progress_.last_success_at || *progress_.last_success_at < delivery.created_at;
  if (gone || (verdict == webhook::verdict::failed && nothing_got_through)) {
    log_warning("webhook endpoint {} is disabled: {}", id(),
                gone ? "the receiver answered 410" : "nothing got through for a whole schedule of attempts");
    execute(webhook::disable{gone ? "gone" : "failing"}, own_origin(), {});
  } else if (nothing_got_through && delivery.attempts >= settings_.failing_after && !state().failing_since) {
    log_warning("webhook endpoint {} is failing: nothing was delivered in {} attempts; the last one: {}", id(),
                delivery.attempts, delivery.last_error);
    execute(webhook::report_failing{delivery.created_at, delivery.last_error}, own_origin(), {});
  }
}

} // namespace waybill
