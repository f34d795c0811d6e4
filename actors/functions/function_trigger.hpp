#pragma once

#include "actors/entity/services.hpp"
#include "actors/follower/feed_request.hpp"
#include "actors/functions/function_region.hpp"
#include "domain/function/answers.hpp"
#include "domain/function/function.hpp"
#include "domain/function/trigger.hpp"
#include "messages/functions/function_actors.hpp"
#include "messages/journal/append.hpp"

#include <caf/telemetry/counter.hpp>
#include <caf/telemetry/gauge.hpp>
#include <caf/telemetry/metric_family_impl.hpp>

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace waybill {

struct trigger_metrics {
  explicit trigger_metrics(caf::actor_system& sys);

  caf::telemetry::metric_family_impl<caf::telemetry::int_counter>* events;
  caf::telemetry::metric_family_impl<caf::telemetry::int_gauge>* lag;
};

/// What the entity of a function lends to its trigger. All of it outlives the trigger.
struct trigger_host {
  function_actor::pointer self;
  /// The name of the function.
  std::string function;
  const entity_services* services;
  trigger_settings settings;
  function_runner_actor runner;
  event_feed_actor feed;
  std::shared_ptr<trigger_metrics> metrics;
  /// Asks for on_time at this time.
  std::function<void(timestamp)> arm;
  /// The function has failed.
  std::function<void(const function_error&)> note_failure;
  /// A write has ended: the entity may retire.
  std::function<void()> written;
};

/// Calls a function for the events that it wants: a part of its entity, used by that actor only. Reads a page of the
/// log behind its position, calls the function for each event, and writes what came of the page together with the
/// position behind it, so that a customer is told once however often an event is read. An event that the function fails
/// on is tried again when the others of the page are done, and skipped after some attempts. One thing is under way at a
/// time. docs/adr/0032 says why.
class function_trigger {
public:
  explicit function_trigger(trigger_host host);
  ~function_trigger();
  function_trigger(const function_trigger&) = delete;
  function_trigger& operator=(const function_trigger&) = delete;

  /// Goes on by this state, which is durable; to be called whenever it has changed.
  void follow(const function::state& current);
  /// To be called when the time that was asked for has come.
  void on_time() { go_on(); }
  /// Drops all that is not durable. Goes on with the next `follow`.
  void stop();
  /// Another node owns the function: what is being written is the last.
  void leave();

  [[nodiscard]] bool is_writing() const { return doing_ == work::writing; }
  /// When on_time is due; none: what is under way comes first.
  [[nodiscard]] std::optional<timestamp> due() const;
  /// How far the triggers have come that begin behind this position.
  [[nodiscard]] trigger_view view(const std::string& began_after) const;

private:
  enum class work : std::uint8_t { nothing, loading, reading, calling, writing };

  /// An event of the page under way.
  struct open_event {
    std::shared_ptr<const stored_event> event;
    std::uint32_t attempts = 0;
    function_error error;
  };

  [[nodiscard]] bool runs() const { return began_after_.has_value() && !leaving_; }
  [[nodiscard]] timestamp now() const { return host_.services->clock(); }
  /// Its name among what is wrong on this node.
  [[nodiscard]] std::string trouble() const { return "function " + host_.function; }
  /// Takes back what operators are shown.
  void withdraw();
  void go_on();
  void rest(milliseconds pause);
  void abandon();
  void load();
  void on_loaded(const stored_entity& stored);
  void read_on();
  void on_page(const feed_page& page);
  // -- the events of a page: function_trigger_page.cpp
  void call_next();
  void call(open_event item);
  void on_ran(open_event item, const function_ran& ran);
  void note_taken(const open_event& item, const std::optional<function::notification>& wanted);
  void note_failed(open_event item, function_error error);
  void skip(const open_event& item);
  void end_page();
  [[nodiscard]] bool must_save() const;
  void write();
  void on_written(std::uint64_t version);
  void on_not_written(const failure& reason);
  void drop_page();
  void count(std::string_view outcome);
  void show_lag();

  trigger_host host_;
  std::string stream_;
  /// The definition by which it works; none while there are no triggers.
  std::optional<std::string> began_after_;
  std::uint64_t number_ = 0;
  std::string source_;
  std::vector<std::string> types_;

  /// What has been done; stored, or safe to be done again.
  function::trigger_progress progress_;
  log_position cursor_;
  bool loaded_ = false;
  /// `cursor_` is ahead of what is stored, which was written at `saved_at_`.
  bool moved_ = false;
  timestamp saved_at_;
  /// Events behind the position were removed: the oldest kept event comes next.
  bool lost_place_ = false;
  /// The position behind which the log could not be read.
  std::optional<log_position> expired_;

  /// The page under way: the events that wait to be tried, those that wait to be tried again, and what came of it.
  bool has_page_ = false;
  timestamp oldest_;
  std::deque<open_event> todo_;
  std::deque<open_event> again_;
  std::optional<timestamp> again_at_;
  function::trigger_progress next_;
  log_position behind_;
  std::vector<new_event> events_;
  std::vector<row_change> rows_;

  work doing_ = work::nothing;
  /// Grows when what is under way is given up: answers of an earlier generation are dropped.
  std::uint64_t generation_ = 0;
  feed_request reading_;
  std::optional<timestamp> rest_until_;
  bool leaving_ = false;
};

} // namespace waybill
