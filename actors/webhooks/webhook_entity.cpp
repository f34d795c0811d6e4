#include "actors/webhooks/webhook_entity.hpp"

#include "actors/entity/region_actor.hpp"
#include "domain/base/errors.hpp"
#include "outbound/address_policy.hpp"

#include <caf/telemetry/metric_registry.hpp>

#include <algorithm>

namespace waybill {

webhook_metrics::webhook_metrics(caf::actor_system& sys)
  : attempts(sys.metrics().counter_family("waybill.webhook", "attempts", {"outcome"},
                                          "Messages sent to webhook endpoints, by what came of it.", "1", true)),
    backlog(sys.metrics().gauge_family("waybill.webhook", "backlog", {"endpoint"},
                                       "Messages that are not delivered yet.", "1")),
    lag(sys.metrics().gauge_family("waybill.webhook", "lag", {"endpoint"},
                                   "The age of the oldest message that is not delivered yet.", "seconds")),
    failing(sys.metrics().gauge_family("waybill.webhook", "failing", {"endpoint"},
                                       "1 while nothing gets through, or when the endpoint was disabled for it.",
                                       "1")) {}

webhook_metrics::gauges webhook_metrics::of(const std::string& endpoint) const {
  const auto gauge_of = [&](auto* family) { return family->get_or_add({{"endpoint", endpoint}}); };
  return {gauge_of(backlog), gauge_of(lag), gauge_of(failing)};
}

webhook_entity::webhook_entity(webhook_actor::pointer self, entity_start start, webhook_settings settings,
                               event_feed_actor feed, webhook_sender_actor sender,
                               std::shared_ptr<webhook_metrics> metrics)
  : follower_entity(self, std::move(start), std::move(settings), std::move(feed)), sender_(std::move(sender)),
    metrics_(std::move(metrics)) {}

/// The next owner, perhaps on another node, reports its own values.
webhook_entity::~webhook_entity() {
  if (!gauges_)
    return;
  for (auto* gauge : {gauges_->backlog, gauges_->lag, gauges_->failing})
    gauge->value(0);
  withdraw_trouble();
}

webhook_actor::behavior_type webhook_entity::make_behavior() {
  return {
    [this](resume_entity&) { count(), resume(); },
    [this](wake_up&) { wake(); },
    [this](retire_entity&) {
      leaving_ = true;
      stop_reading();
      stop_replaying();
      write();
      retire();
    },
    [this](describe_entity&) { return count(), answer_description(); },
    [this](create_webhook& command) { return count(), on_create(command); },
    [this](get_webhook&) { return count(), on_get(); },
    [this](change_webhook& command) { return count(), on_change(command); },
    [this](remove_webhook& command) { return count(), on_remove(command); },
    [this](rotate_webhook_secret& command) {
      return count(), answer_view(webhook::rotate{command.secret, command.previous_until}, command.origin);
    },
    [this](replay_webhook& command) { return count(), on_replay(command); },
    [this](retry_webhook_delivery& command) { return count(), on_retry(command); },
    [this](test_webhook&) { return count(), on_test(); },
  };
}

// -- the entity -------------------------------------------------------------------------------------------------------

/// Secrets are not in the events: they are put into the state here. An append that is refused drops the whole state.
result<std::vector<webhook::event>> webhook_entity::decide(const webhook::command& command) {
  auto decision = webhook::decide(state(), command);
  if (!decision || decision->empty())
    return decision;
  webhook::take_private(mutable_state(), command);
  if (std::holds_alternative<webhook::create>(command)) {
    begin_behind(start_);
    progress_.needed_after = start_;
  }
  return decision;
}

void webhook_entity::describe(append& request, const std::vector<webhook::event>& events) {
  const auto& s = state();
  if (s.status == webhook::status::deleted) {
    request.rows.emplace_back(webhook_removed{id()});
    return;
  }
  request.rows.emplace_back(webhook_row{id(), s.status == webhook::status::enabled, s.keys.current, s.keys.previous,
                                        s.keys.previous_until, progress_});
  for (const auto& event : events)
    if (const auto* replay = std::get_if<webhook::replay_requested>(&event)) {
      progress_.replayed_to = parse_log_position(replay->after).value_or(log_position{});
      request.rows.emplace_back(progress_with({}));
    }
}

void webhook_entity::restore(const stored_entity& stored) {
  if (!stored.webhook)
    return;
  const auto& row = *stored.webhook;
  mutable_state().keys = {row.secret, row.previous_secret, row.previous_until};
  progress_ = row.progress;
}

void webhook_entity::forget() {
  follower_entity::forget();
  stop_replaying();
  backlog_ = {};
  next_ = {};
  testing_ = loaded_ = fetching_ = page_is_open_ = replay_is_open_ = sweeping_ = writing_ = progress_changed_ = false;
}

std::string webhook_entity::waits_for() const {
  if (!is_there())
    return exists() && !state().purged ? "the end of its delivery log" : std::string{};
  if (state().status == webhook::status::disabled)
    return "somebody to enable it again";
  if (const auto pending = backlog_.pending(); pending > 0)
    return "the delivery of " + std::to_string(pending) + " messages";
  return "events";
}

// -- commands ---------------------------------------------------------------------------------------------------------

namespace {

result<void> check_url(const std::string& text, outbound::target_policy policy) {
  const auto url = outbound::parse_http_url(text);
  if (url.has_error())
    return url.error();
  if (policy == outbound::target_policy::public_only && !outbound::address_in(url->host)
      && outbound::is_private_name(url->host))
    return failure{ec::invalid_argument, "the name " + url->host + " is not one of the public internet"};
  return outbound::check_target(*url, policy);
}

} // namespace

caf::result<webhook_view> webhook_entity::on_create(const create_webhook& command) {
  if (auto sound = check_url(command.url, settings_.targets); sound.has_error())
    return to_error(sound.error());
  if (!exists())
    start_ = command.start;
  return answer_view(webhook::create{command.id, command.url, command.types, command.description, command.secret},
                     command.origin);
}

caf::result<webhook_view> webhook_entity::on_change(const change_webhook& command) {
  if (command.url)
    if (auto sound = check_url(*command.url, settings_.targets); sound.has_error())
      return to_error(sound.error());
  return answer_view(webhook::change{command.url, command.types, command.description, command.enabled}, command.origin,
                     command.expected_version);
}

/// The range ends at the cursor: events behind it will be sent anyway.
caf::result<webhook_view> webhook_entity::on_replay(const replay_webhook& command) {
  auto promise = self()->make_response_promise<webhook_view>();
  read([this, promise, command](const outcome& reply) mutable {
    if (reply.error || !is_there()) {
      promise.deliver(to_error(reply.error ? *reply.error : missing()));
      return;
    }
    const log_position end{progress_.cursor.transaction, progress_.cursor.sequence + 1, progress_.cursor.generation};
    webhook::replay_range range{to_string(command.after), to_string(std::min(command.before.value_or(end), end)),
                                command.types};
    execute(webhook::request_replay{std::move(range)}, command.origin, [this, promise](const outcome& done) mutable {
      if (done.error)
        promise.deliver(to_error(*done.error));
      else
        promise.deliver(view());
    });
  });
  return promise;
}

caf::result<webhook_delivery_row> webhook_entity::on_retry(const retry_webhook_delivery& command) {
  auto promise = self()->make_response_promise<webhook_delivery_row>();
  read([this, promise, command](const outcome& reply) mutable {
    if (reply.error || !is_there()) {
      promise.deliver(to_error(reply.error ? *reply.error : missing()));
      return;
    }
    if (state().status != webhook::status::enabled) {
      promise.deliver(to_error({ec::illegal_transition, "nothing is sent to an endpoint that is disabled"}));
      return;
    }
    list_webhook_deliveries query;
    query.endpoint = id();
    query.message = command.message;
    query.limit = 1;
    self()
      ->request(services().reader, bounded_elsewhere, std::move(query))
      .then(
        [this, promise](webhook_delivery_page& page) mutable {
          if (page.deliveries.empty())
            promise.deliver(to_error({ec::not_found, "there is no such message in the delivery log"}));
          else
            send_again(std::move(page.deliveries.front()), promise);
        },
        [promise](const caf::error& reason) mutable { promise.deliver(to_error(to_failure(reason))); });
  });
  return promise;
}

/// Also to an endpoint that is disabled: before somebody enables it.
caf::result<webhook_answer> webhook_entity::on_test() {
  auto promise = self()->make_response_promise<webhook_answer>();
  read([this, promise](const outcome& reply) mutable {
    if (reply.error || !is_there())
      promise.deliver(to_error(reply.error ? *reply.error : missing()));
    else if (testing_)
      promise.deliver(to_error({ec::conflict, "another test message is under way"}));
    else if (!sender_)
      promise.deliver(to_error({ec::unavailable, "this node sends no webhooks"}));
    else
      send_test(promise);
  });
  return promise;
}

void webhook_entity::send_again(webhook_delivery_row row, caf::typed_response_promise<webhook_delivery_row> promise) {
  if (leaving_) {
    promise.deliver(to_error({ec::moved, id() + " is not here"}));
    return;
  }
  if (auto* known = backlog_.find(row.position)) {
    // A message in flight is being sent now.
    known->row.delivery.status = webhook::delivery_status::pending;
    if (!known->in_flight)
      known->row.delivery.next_attempt_at = now();
    known->dirty = true;
    row = known->row;
  } else {
    row.delivery = webhook::new_delivery(now());
    next_.added.emplace_back(row, nullptr);
  }
  next_.done.push_back([promise, row](const failure* problem) mutable {
    if (problem)
      promise.deliver(to_error(*problem));
    else
      promise.deliver(row);
  });
  go_on();
}

// -- the region -------------------------------------------------------------------------------------------------------

webhook_region_actor spawn_webhook_region(caf::actor_system& sys, const entity_services& services,
                                          const webhook_settings& settings, const event_feed_actor& feed,
                                          const webhook_sender_actor& sender) {
  return spawn_region<webhook_entity>(sys, services, settings.region, settings, feed, sender,
                                      std::make_shared<webhook_metrics>(sys));
}

} // namespace waybill
