#include "actors/entity/entity_support.hpp"
#include "actors/functions/function_trigger.hpp"
#include "domain/base/log.hpp"
#include "domain/json/codec.hpp"
#include "domain/text/unicode.hpp"
#include "messages/failures.hpp"
#include "messages/journal/event_json.hpp"
#include "messages/notifications.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <utility>

// What a function is called for, a page of events at a time, and how it is written down what came of them.

namespace waybill {

namespace {

/// The event as GET /v1/events shows it, and whom it is about.
std::string input_of(const stored_event& event) {
  std::string input = "{\"event\":";
  append_event_json(input, event);
  for (const auto& [name, id] : {std::pair{",\"order_id\":", &event.order}, {",\"customer_id\":", &event.customer}})
    if (!id->empty()) {
      input += name;
      append_json(input, *id);
    }
  return input + '}';
}

} // namespace

// -- the events of a page ---------------------------------------------------------------------------------------------

void function_trigger::call_next() {
  if (todo_.empty() && again_.empty()) {
    end_page();
    return;
  }
  if (todo_.empty()) {
    if (!again_at_)
      again_at_ = now() + host_.settings.retry_pause * (1U << (std::max(again_.front().attempts, 1U) - 1U));
    if (now() < *again_at_) {
      host_.arm(*again_at_);
      return;
    }
    again_at_.reset();
    std::swap(todo_, again_);
  }
  auto item = std::move(todo_.front());
  todo_.pop_front();
  call(std::move(item));
}

void function_trigger::call(open_event item) {
  doing_ = work::calling;
  run_source question{source_, input_of(*item.event)};
  auto on_answer = [this, generation = generation_, item](const function_ran& ran) {
    if (generation != generation_)
      return;
    doing_ = work::nothing;
    on_ran(item, ran);
    go_on();
  };
  // It did not run: this is no attempt.
  auto on_failure = [this, generation = generation_, item](const caf::error&) {
    if (generation != generation_)
      return;
    doing_ = work::nothing;
    todo_.push_front(item);
    rest(host_.settings.pause);
  };
  host_.self->request(host_.runner, bounded_elsewhere, std::move(question))
    .then(std::move(on_answer), std::move(on_failure));
}

void function_trigger::on_ran(open_event item, const function_ran& ran) {
  if (ran.error) {
    note_failed(std::move(item), *ran.error);
    return;
  }
  const auto answer = function::read_trigger_answer(ran.result);
  if (!answer)
    note_failed(std::move(item), {"answer", answer.error().detail, 0});
  else if (*answer && item.event->order.empty())
    note_failed(std::move(item), {"answer", "customers are told of events of orders only", 0});
  else if (*answer && item.event->type == notification_sent::type)
    // Its own notification would be the next such event, without an end.
    note_failed(std::move(item), {"answer", "customers are not told of notifications", 0});
  else if (*answer && (*answer)->customer.empty() && item.event->customer.empty())
    note_failed(std::move(item), {"answer", "the event names no customer: name one by customer_id", 0});
  else
    note_taken(item, *answer);
}

void function_trigger::note_taken(const open_event& item, const std::optional<function::notification>& wanted) {
  count("done");
  ++next_.handled;
  host_.services->troubles->forget(trouble());
  if (!wanted)
    return;
  ++next_.notified;
  const auto& event = *item.event;
  const auto& customer = wanted->customer.empty() ? event.customer : wanted->customer;
  const auto id = derive_id<notification_id>(host_.function + '\n' + event_id(event), event.at).value;
  auto told = encode(notification_sent{id, customer, event.order, event.type});
  events_.push_back({std::string{notification_sent::type}, 1, std::move(told), event.order, customer});
  rows_.emplace_back(notification_row{id, customer, event.order, event.type, wanted->text, event.at});
}

void function_trigger::note_failed(open_event item, function_error error) {
  host_.note_failure(error);
  ++item.attempts;
  item.error = std::move(error);
  if (item.attempts < host_.settings.attempts) {
    count("retried");
    again_.push_back(std::move(item));
  } else {
    skip(item);
  }
}

/// No event holds up the others for ever.
void function_trigger::skip(const open_event& item) {
  count("skipped");
  ++next_.skipped;
  const auto& error = item.error;
  // What the function raised may hold anything.
  auto message = escape_control_characters(error.message);
  function::event_skipped skipped{function::id_of(host_.function),
                                  event_id(*item.event),
                                  item.event->type,
                                  error.kind,
                                  std::move(message),
                                  error.line,
                                  item.attempts};
  events_.push_back({std::string{function::event_skipped::type}, 1, encode(skipped)});
  host_.services->troubles->tell(trouble(), "the function " + host_.function + " skips events that it fails on: "
                                              + error.kind + ", in line " + std::to_string(error.line));
  next_.last_failure = function::trigger_failure{std::move(skipped), now()};
}

void function_trigger::end_page() {
  next_.transaction = behind_.transaction;
  next_.sequence = behind_.sequence;
  if (!events_.empty()) {
    write();
    return;
  }
  // Nothing that anybody would miss: the position need not be durable at once.
  moved_ = moved_ || cursor_ != behind_;
  progress_ = next_;
  cursor_ = behind_;
  if (must_save()) {
    write();
    return;
  }
  drop_page();
  go_on();
}

bool function_trigger::must_save() const {
  return moved_ && now() - saved_at_ >= host_.settings.save_interval;
}

// -- writing down -----------------------------------------------------------------------------------------------------

void function_trigger::write() {
  doing_ = work::writing;
  append request;
  request.kind = entity_kind::trigger;
  request.stream = stream_;
  request.expected_version = progress_.version;
  request.generation = cursor_.generation;
  request.at = now();
  request.origin.correlation_id = request.origin.causation_id = std::string{function_id::prefix()} + host_.function;
  request.origin.by_id = "functions";
  request.events = std::exchange(events_, {});
  request.rows = std::exchange(rows_, {});
  next_.version = progress_.version + request.events.size();
  request.snapshot = entity_snapshot{1, encode(next_), false, std::nullopt};
  host_.self->request(host_.services->journal_of(stream_), bounded_elsewhere, std::move(request))
    .then(
      [this, generation = generation_](const appended& answer) {
        if (generation == generation_)
          on_written(answer.version);
      },
      [this, generation = generation_](const caf::error& reason) {
        if (generation == generation_)
          on_not_written(to_failure(reason));
      });
}

void function_trigger::on_written(std::uint64_t version) {
  doing_ = work::nothing;
  progress_ = next_;
  progress_.version = version;
  cursor_ = behind_;
  moved_ = false;
  saved_at_ = now();
  drop_page();
  go_on();
  host_.written();
}

/// Somebody else may have written: what is stored counts.
void function_trigger::on_not_written(const failure& reason) {
  log_info("the function {} could not store how far it has come, reading it again: {}", host_.function, reason.detail);
  doing_ = work::nothing;
  loaded_ = false;
  drop_page();
  rest(host_.settings.pause);
  host_.written();
}

} // namespace waybill
