#include "actors/feed/customer_notifications.hpp"

#include "actors/entity/entity_support.hpp"
#include "actors/entity/trace/append_trace.hpp"
#include "domain/base/errors.hpp"
#include "domain/json/codec.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <optional>
#include <string>
#include <utility>

namespace waybill {

namespace {

/// The stream of a notification that is pushed. It has one event, so whoever comes second with the same intent is
/// refused by its version. It is not named after the notification, whose id begins with the time of the first attempt.
std::string stream_of(const push_notification& command) {
  return "push_" + command.intent;
}

notification_row row_of(const push_notification& command, timestamp at) {
  return {make_id<notification_id>().value, command.customer.value, command.order.value,
          std::string{pushed_kind},         command.text,           at};
}

append append_of(const push_notification& command, const notification_row& row) {
  append request;
  request.kind = entity_kind::notifier;
  request.stream = stream_of(command);
  request.at = row.created_at;
  request.order = row.order;
  request.customer = row.customer;
  request.origin = command.origin;
  const auto order = row.order.empty() ? std::nullopt : std::optional{row.order};
  auto told = encode(notification_sent{row.id, row.customer, order, row.kind});
  request.events.push_back({std::string{notification_sent::type}, 1, std::move(told)});
  request.snapshot = entity_snapshot{1, encode(row), false, std::nullopt};
  request.rows.emplace_back(row);
  return request;
}

bool is_same(const push_notification& command, const notification_row& row) {
  return command.customer.value == row.customer && command.order.value == row.order && command.text == row.text;
}

/// What a repeated push is answered with.
result<notification_pushed> first_answer(const push_notification& command, const stored_entity& stored) {
  if (stored.state.empty())
    return failure{ec::unavailable, "the notification could not be stored now"};
  auto row = decode<notification_row>(stored.state);
  if (!row)
    return row.error();
  if (!is_same(command, *row))
    return failure{ec::idempotency_key_reused, "the key was used before with another body"};
  return notification_pushed{std::move(*row), true};
}

} // namespace

// -- marking as read --------------------------------------------------------------------------------------------------

caf::result<notifications_marked> customer_notifications::answer(mark_notifications_read command) {
  auto promise = self_->make_response_promise<notifications_marked>();
  if (command.id.empty()) {
    write_mark(command, promise);
    return promise;
  }
  list_notifications question{command.customer.value, false, {}, 1, {command.id}};
  self_->request(services_->reader, bounded_elsewhere, std::move(question))
    .then(
      [this, promise, command](const notification_page& page) mutable {
        if (page.notifications.empty())
          promise.deliver(to_error({ec::not_found, "there is no notification " + command.id}));
        else if (const auto& read_at = page.notifications.front().read_at)
          promise.deliver(notifications_marked{*read_at});
        else
          write_mark(command, promise);
      },
      [promise](caf::error& reason) mutable { promise.deliver(std::move(reason)); });
  return promise;
}

/// A change of a row without an event: it concerns the customer only.
void customer_notifications::write_mark(const mark_notifications_read& command, marked_promise promise) {
  append request;
  request.kind = entity_kind::notifier;
  request.stream = "ntf_" + command.customer.value;
  request.at = services_->clock();
  request.customer = command.customer.value;
  request.origin = command.origin;
  request.rows.emplace_back(notification_read{command.customer.value, command.id, request.at});
  const auto at = request.at;
  // Of the notifier's stream: a mark and what the notifier writes of the same customer are committed in their order.
  self_->request(services_->journal_of(notifier_stream), bounded_elsewhere, std::move(request))
    .then([promise, at](const appended&) mutable { promise.deliver(notifications_marked{at}); },
          [promise](caf::error& reason) mutable { promise.deliver(std::move(reason)); });
}

// -- pushing ----------------------------------------------------------------------------------------------------------

caf::result<notification_pushed> customer_notifications::answer(push_notification command) {
  auto promise = self_->make_response_promise<notification_pushed>();
  if (command.order.empty()) {
    write_pushed(command, std::nullopt, promise);
    return promise;
  }
  list_orders question;
  question.customer = command.customer.value;
  question.limit = 1;
  question.ids.emplace().push_back(command.order.value);
  self_->request(services_->reader, bounded_elsewhere, std::move(question))
    .then(
      [this, promise, command, generation = services_->log_generation()](const state_page& page) mutable {
        if (page.states.empty())
          promise.deliver(to_error({ec::invalid_argument, "is no order of the customer"}));
        else
          write_pushed(command, generation, promise);
      },
      [promise](caf::error& reason) mutable { promise.deliver(std::move(reason)); });
  return promise;
}

void customer_notifications::write_pushed(const push_notification& command, std::optional<std::uint64_t> generation,
                                          pushed_promise promise) {
  auto row = row_of(command, services_->clock());
  auto request = append_of(command, row);
  request.generation = generation;
  append_trace trace;
  if (services_->tracer)
    trace = append_trace{services_->tracer, request, {}};
  const auto& journal = services_->journal_of(request.stream);
  self_->request(journal, bounded_elsewhere, std::move(request))
    .then(
      [this, promise, row, trace](const appended&) mutable {
        trace.end(services_->clock());
        promise.deliver(notification_pushed{std::move(row), false});
      },
      [this, promise, command](caf::error& reason) mutable {
        if (reason == ec::conflict)
          answer_again(command, promise);
        else
          promise.deliver(std::move(reason));
      });
}

/// Somebody was first: as a rule the same caller, whose first answer was lost.
void customer_notifications::answer_again(const push_notification& command, pushed_promise promise) {
  self_->request(services_->reader, bounded_elsewhere, load_entity{entity_kind::notifier, stream_of(command)})
    .then(
      [promise, command](const stored_entity& stored) mutable {
        auto answer = first_answer(command, stored);
        if (answer)
          promise.deliver(std::move(*answer));
        else
          promise.deliver(to_error(answer.error()));
      },
      [promise](caf::error& reason) mutable { promise.deliver(std::move(reason)); });
}

} // namespace waybill
