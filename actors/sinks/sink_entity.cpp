#include "actors/sinks/sink_entity.hpp"

#include "actors/entity/region_actor.hpp"
#include "domain/base/errors.hpp"
#include "domain/sink/address.hpp"

#include <caf/telemetry/metric_registry.hpp>

#include <utility>

namespace waybill {

sink_metrics::sink_metrics(caf::actor_system& sys)
  : published(sys.metrics().counter_family("waybill.sink", "published", {"broker"},
                                           "Events that brokers have confirmed.", "1", true)),
    attempts(sys.metrics().counter_family("waybill.sink", "attempts", {"broker", "outcome"},
                                          "Attempts to publish a batch of events, by what came of them.", "1", true)),
    lag(sys.metrics().gauge_family("waybill.sink", "lag", {"sink"},
                                   "The age of the oldest event that was read and is not confirmed yet.", "seconds")),
    failing(sys.metrics().gauge_family("waybill.sink", "failing", {"sink"}, "1 while nothing gets through.", "1")) {}

sink_metrics::gauges sink_metrics::of(const std::string& sink) const {
  return {lag->get_or_add({{"sink", sink}}), failing->get_or_add({{"sink", sink}})};
}

sink_entity::sink_entity(sink_actor::pointer self, entity_start start, sink_settings settings, event_feed_actor feed,
                         sink_publisher_actor publisher, std::shared_ptr<sink_metrics> metrics)
  : follower_entity(self, std::move(start), std::move(settings), std::move(feed)), publisher_(std::move(publisher)),
    metrics_(std::move(metrics)) {}

/// The next owner, perhaps on another node, reports its own values.
sink_entity::~sink_entity() {
  if (!gauges_)
    return;
  for (auto* gauge : {gauges_->lag, gauges_->failing})
    gauge->value(0);
  withdraw_trouble();
}

sink_actor::behavior_type sink_entity::make_behavior() {
  return {
    [this](resume_entity&) { count(), resume(); },
    [this](wake_up&) { wake(); },
    [this](retire_entity&) {
      leaving_ = true;
      stop_reading();
      write();
      retire();
    },
    [this](describe_entity&) { return count(), answer_description(); },
    [this](create_sink& command) { return count(), on_create(command); },
    [this](get_sink&) { return count(), on_get(); },
    [this](change_sink& command) { return count(), on_change(command); },
    [this](remove_sink& command) { return count(), on_remove(command); },
  };
}

// -- the entity -------------------------------------------------------------------------------------------------------

/// The password is not in the events: it is put into the state here. An append that is refused drops the whole state.
result<std::vector<sink::event>> sink_entity::decide(const sink::command& command) {
  auto decision = sink::decide(state(), command);
  if (!decision || decision->empty())
    return decision;
  sink::take_private(mutable_state(), command);
  if (std::holds_alternative<sink::create>(command)) {
    begin_behind(start_);
    read_to_ = start_;
  }
  return decision;
}

void sink_entity::describe(append& request, const std::vector<sink::event>&) {
  if (state().status == sink::status::deleted)
    request.rows.emplace_back(sink_removed{id()});
  else
    request.rows.emplace_back(sink_row{id(), state().password, progress_});
}

void sink_entity::restore(const stored_entity& stored) {
  if (!stored.sink)
    return;
  mutable_state().password = stored.sink->password;
  progress_ = stored.sink->progress;
  read_to_ = progress_.cursor;
}

void sink_entity::forget() {
  follower_entity::forget();
  batches_.clear();
  failures_ = 0;
  failing_from_.reset();
  retry_at_.reset();
  publishing_ = changed_ = passed_ = writing_ = false;
}

std::string sink_entity::waits_for() const {
  if (!is_there())
    return {};
  if (state().status == sink::status::disabled)
    return "somebody to enable it again";
  if (failures_ > 0)
    return "its broker: " + progress_.last_error;
  if (batches_.empty())
    return "events";
  return "the broker to confirm " + std::to_string(batches_.front().events.size()) + " events";
}

// -- commands ---------------------------------------------------------------------------------------------------------

namespace {

/// Addresses are looked at again when they are connected to.
result<void> check_sink_url(const std::string& url, outbound::target_policy policy) {
  const auto address = sink::parse_address(url);
  auto sound = address ? brokers::check_target(*address, policy) : result<void>{address.error()};
  if (!sound)
    return failure{ec::invalid_argument, "url: " + sound.error().detail};
  return sound;
}

} // namespace

caf::result<sink_view> sink_entity::on_create(const create_sink& command) {
  if (auto sound = check_sink_url(command.target.url, settings_.targets); !sound)
    return to_error(sound.error());
  if (!exists())
    start_ = command.start;
  return answer_view(sink::create{command.id, command.target, command.types, command.description, command.password},
                     command.origin);
}

caf::result<sink_view> sink_entity::on_change(const change_sink& command) {
  if (command.url)
    if (auto sound = check_sink_url(*command.url, settings_.targets); !sound)
      return to_error(sound.error());
  return answer_view(sink::change{command.url, command.destination, command.user, command.types, command.description,
                                  command.password, command.enabled},
                     command.origin, command.expected_version);
}

// -- the region -------------------------------------------------------------------------------------------------------

sink_region_actor spawn_sink_region(caf::actor_system& sys, const entity_services& services,
                                    const sink_settings& settings, const event_feed_actor& feed,
                                    const sink_publisher_actor& publisher) {
  return spawn_region<sink_entity>(sys, services, settings.region, settings, feed, publisher,
                                   std::make_shared<sink_metrics>(sys));
}

} // namespace waybill
