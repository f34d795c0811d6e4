#pragma once

#include "actors/follower/follower_entity.hpp"
#include "actors/webhooks/webhook_backlog.hpp"
#include "actors/webhooks/webhooks.hpp"

#include <caf/telemetry/counter.hpp>
#include <caf/telemetry/gauge.hpp>
#include <caf/telemetry/metric_family_impl.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace waybill {

/// Describes webhook endpoints to follower_entity<> and region<>.
struct webhook_kind {
  using state = webhook::state;
  using event = webhook::event;
  using command = webhook::command;
  using actor = webhook_actor;
  using create_message = create_webhook;
  using create_command = webhook::create;
  using remove_message = remove_webhook;
  using settings = webhook_settings;
  using progress = webhook_progress;
  using view = webhook_view;
  static constexpr entity_kind kind = entity_kind::webhook;
  static constexpr const char* region_name = "waybill.webhook_region";
  static constexpr const char* title = "webhook endpoint";
  static constexpr const char* origin = "webhooks";
};

struct webhook_metrics {
  /// Of one endpoint.
  struct gauges {
    caf::telemetry::int_gauge* backlog;
    caf::telemetry::int_gauge* lag;
    caf::telemetry::int_gauge* failing;
  };

  explicit webhook_metrics(caf::actor_system& sys);
  [[nodiscard]] gauges of(const std::string& endpoint) const;

  caf::telemetry::metric_family_impl<caf::telemetry::int_counter>* attempts;
  caf::telemetry::metric_family_impl<caf::telemetry::int_gauge>* backlog;
  caf::telemetry::metric_family_impl<caf::telemetry::int_gauge>* lag;
  caf::telemetry::metric_family_impl<caf::telemetry::int_gauge>* failing;
};

/// Owns one webhook endpoint. Reads the log behind its cursor. Events that the endpoint subscribed to become pending
/// deliveries in the same append as the cursor, and are sent after that: the cursor passes no event that is not
/// recorded (G4). Each message is retried on its own; when too many are pending, nothing more is read.
/// docs/adr/0014-webhooks.md says why.
class webhook_entity : public follower_entity<webhook_kind> {
public:
  static inline const char* name = "waybill.webhook";

  webhook_entity(webhook_actor::pointer self, entity_start start, webhook_settings settings, event_feed_actor feed,
                 webhook_sender_actor sender, std::shared_ptr<webhook_metrics> metrics);
  ~webhook_entity() override;

  webhook_actor::behavior_type make_behavior();

protected:
  result<std::vector<webhook::event>> decide(const webhook::command& command) override;
  void describe(append& request, const std::vector<webhook::event>& events) override;
  bool unfinished() const override { return exists() && !state().purged; }
  void forget() override;
  std::string waits_for() const override;
  bool engaged() const override { return writing_ || backlog_.any_dirty(); }
  void restore(const stored_entity& stored) override;

  webhook_view view() const override { return {state(), progress_with({})}; }
  // -- following the log: webhook_dispatch.cpp
  void go_on() override;
  std::optional<timestamp> next_work() const override;
  void on_page(const feed_page& page) override;
  void on_place_lost() override;

private:
  using message = webhook_backlog::message;
  using event_ptr = std::shared_ptr<const stored_event>;

  /// What the next append does besides writing the changed rows of the backlog.
  struct plan {
    std::vector<std::pair<webhook_delivery_row, event_ptr>> added;
    std::vector<log_position> forgotten;
    std::optional<log_position> cursor;
    std::optional<log_position> replayed_to;
    bool replay_ended = false;
    bool swept = false;
    /// Called with whether it was written.
    std::vector<std::function<void(const failure*)>> done;

    [[nodiscard]] bool is_empty() const { return added.empty() && forgotten.empty() && !cursor && !replayed_to; }
  };

  // -- commands: webhook_entity.cpp
  caf::result<webhook_view> on_create(const create_webhook& command);
  caf::result<webhook_view> on_change(const change_webhook& command);
  caf::result<webhook_view> on_replay(const replay_webhook& command);
  caf::result<webhook_delivery_row> on_retry(const retry_webhook_delivery& command);
  caf::result<webhook_answer> on_test();
  void send_again(webhook_delivery_row row, caf::typed_response_promise<webhook_delivery_row> promise);

  // -- following the log: webhook_dispatch.cpp
  [[nodiscard]] bool may_send() const { return may_work() && is_enabled(); }
  void fetch_backlog();
  void read_on();
  void read_replay();
  void on_replay_page(const webhook::replay_range& range, const feed_page& page);
  void stop_replaying() { replaying_.abandon(self(), feed_); }
  void add_to_plan(const event_ptr& event);
  void show_metrics();

  // -- the delivery log: webhook_recording.cpp
  void sweep();
  void purge_log();
  [[nodiscard]] bool is_wanted_again(const plan& written, log_position position) const;
  void write();
  void on_written(plan& written);
  void on_not_written(const plan& written, const std::vector<webhook_delivery_row>& rows, const failure& reason);
  [[nodiscard]] webhook_progress progress_with(const plan& written) const;

  // -- sending: webhook_sending.cpp
  void send_due();
  void fetch_event(log_position position, const std::string& stream);
  void post(message& due);
  void on_answer(log_position position, const webhook_answer& answer);
  void on_not_sent(log_position position, const failure& reason);
  /// Nothing gets through, or nothing did until it was disabled for that.
  [[nodiscard]] bool is_failing() const { return is_there() && (state().failing_since || state().reason == "gone"); }
  void report_health(const message& sent, webhook::verdict verdict);
  void send_test(caf::typed_response_promise<webhook_answer> promise);
  void end_without_event(message& lost);
  [[nodiscard]] post_webhook signed_post(std::string message, std::string body) const;
  [[nodiscard]] std::string signatures_of(const std::string& id, std::int64_t seconds, const std::string& body) const;

  webhook_sender_actor sender_;
  std::shared_ptr<webhook_metrics> metrics_;
  /// Once the endpoint was looked at: ids that are none must not fill the registry.
  std::optional<webhook_metrics::gauges> gauges_;
  webhook_backlog backlog_;
  plan next_;
  /// Where the endpoint that is being created begins to read.
  log_position start_;
  /// The backlog was read.
  bool loaded_ = false;
  bool fetching_ = false;
  /// The types that the page is, or was, read for.
  std::vector<std::string> asked_for_;
  /// A page of the log, or of the replay, was read and is not written down yet.
  bool page_is_open_ = false;
  bool replay_is_open_ = false;
  feed_request replaying_;
  bool sweeping_ = false;
  /// A test message is under way.
  bool testing_ = false;
  bool writing_ = false;
  /// The stored progress is behind `progress_`.
  bool progress_changed_ = false;
  std::optional<timestamp> sweep_at_;
};

} // namespace waybill
