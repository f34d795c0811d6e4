#pragma once

#include "actors/follower/follower_entity.hpp"
#include "actors/sinks/sinks.hpp"

#include <caf/telemetry/counter.hpp>
#include <caf/telemetry/gauge.hpp>
#include <caf/telemetry/metric_family_impl.hpp>

#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace waybill {

/// Describes sinks to follower_entity<> and region<>.
struct sink_kind {
  using state = sink::state;
  using event = sink::event;
  using command = sink::command;
  using actor = sink_actor;
  using create_message = create_sink;
  using create_command = sink::create;
  using remove_message = remove_sink;
  using settings = sink_settings;
  using progress = sink_progress;
  using view = sink_view;
  static constexpr entity_kind kind = entity_kind::sink;
  static constexpr const char* region_name = "waybill.sink_region";
  static constexpr const char* title = "sink";
  static constexpr const char* origin = "sinks";
};

struct sink_metrics {
  /// Of one sink.
  struct gauges {
    caf::telemetry::int_gauge* lag;
    caf::telemetry::int_gauge* failing;
  };

  explicit sink_metrics(caf::actor_system& sys);
  [[nodiscard]] gauges of(const std::string& sink) const;

  caf::telemetry::metric_family_impl<caf::telemetry::int_counter>* published;
  caf::telemetry::metric_family_impl<caf::telemetry::int_counter>* attempts;
  caf::telemetry::metric_family_impl<caf::telemetry::int_gauge>* lag;
  caf::telemetry::metric_family_impl<caf::telemetry::int_gauge>* failing;
};

/// Owns one sink. Reads the log behind its cursor, gives a batch to the publisher, and writes the cursor down once the
/// broker has confirmed it: the cursor passes no event that is not at the broker (G4). One batch is published at a
/// time, again and again until it is confirmed, so the first copies of all events are in the order of the log. A few
/// batches are read ahead; the log is the queue. docs/adr/0033-sinks.md says why.
class sink_entity : public follower_entity<sink_kind> {
public:
  static inline const char* name = "waybill.sink";

  sink_entity(sink_actor::pointer self, entity_start start, sink_settings settings, event_feed_actor feed,
              sink_publisher_actor publisher, std::shared_ptr<sink_metrics> metrics);
  ~sink_entity() override;

  sink_actor::behavior_type make_behavior();

protected:
  result<std::vector<sink::event>> decide(const sink::command& command) override;
  void describe(append& request, const std::vector<sink::event>& events) override;
  bool unfinished() const override { return exists() && state().status != sink::status::deleted; }
  void forget() override;
  std::string waits_for() const override;
  bool engaged() const override { return writing_; }
  void restore(const stored_entity& stored) override;

  sink_view view() const override { return {state(), progress_}; }
  // -- following the log: sink_following.cpp
  void go_on() override;
  std::optional<timestamp> next_work() const override;
  void on_page(const feed_page& page) override;
  void on_place_lost() override;

private:
  using event_ptr = std::shared_ptr<const stored_event>;

  /// What was read of the log and is not confirmed yet. `next`: the position behind it.
  struct read_batch {
    std::vector<event_ptr> events;
    log_position next;
  };

  // -- commands: sink_entity.cpp
  caf::result<sink_view> on_create(const create_sink& command);
  caf::result<sink_view> on_change(const change_sink& command);

  // -- following the log: sink_following.cpp
  [[nodiscard]] bool may_publish() const { return may_work() && is_enabled(); }
  void read_on();
  /// What was read is dropped, and read again behind what is confirmed.
  void start_again();
  void publish();
  void on_published();
  void on_not_published(const failure& reason);
  void write();
  void show_metrics();

  sink_publisher_actor publisher_;
  std::shared_ptr<sink_metrics> metrics_;
  /// Once the sink was looked at: ids that are none must not fill the registry.
  std::optional<sink_metrics::gauges> gauges_;
  /// Where the sink that is being created begins to read.
  log_position start_;

  /// The first one is published now, or tried again.
  std::deque<read_batch> batches_;
  /// Where reading goes on: behind all batches.
  log_position read_to_;
  /// What the batches were read for; of another target or other types they are read again, and
  /// another password is tried at once.
  sink::target target_;
  std::string password_;
  std::vector<std::string> types_;

  bool publishing_ = false;
  std::uint64_t attempt_number_ = 0;
  /// Attempts in a row that came to nothing, since when, and when the next one is made.
  std::uint32_t failures_ = 0;
  std::optional<timestamp> failing_from_;
  std::optional<timestamp> retry_at_;

  /// The stored progress is behind `progress_`; `passed_`: only by events that the sink does not want.
  bool changed_ = false;
  bool passed_ = false;
  bool writing_ = false;
  /// When the cursor may be written down again.
  std::optional<timestamp> write_at_;
  std::optional<timestamp> sweep_at_;
};

} // namespace waybill
