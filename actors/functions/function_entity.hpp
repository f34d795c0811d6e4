#pragma once

#include "actors/entity/entity.hpp"
#include "actors/functions/function_region.hpp"
#include "actors/functions/function_trigger.hpp"
#include "domain/function/function.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace waybill {

/// Describes functions to entity<> and region<>.
struct function_kind {
  using state = function::state;
  using event = function::event;
  using command = function::command;
  using actor = function_actor;
  using create_message = put_function;
  using create_command = function::put;
  static constexpr entity_kind kind = entity_kind::function;
  static constexpr const char* region_name = "waybill.function_region";
};

/// Owns one function. What is compiled and run goes to the runner of this node, many calls at once; a call sees the
/// version that is current when it comes. One that acts by itself stays in memory. A function that is built in has no
/// events: only its calls come here.
class function_entity : public entity<function_kind> {
public:
  static inline const char* name = "waybill.function";

  function_entity(function_actor::pointer self, entity_start start, function_settings settings,
                  function_runner_actor runner, event_feed_actor feed, std::shared_ptr<trigger_metrics> metrics);

  function_actor::behavior_type make_behavior();

protected:
  result<std::vector<function::event>> decide(const function::command& command) override;
  void describe(append&, const std::vector<function::event>&) override {}
  bool unfinished() const override { return function::acts_by_itself(state()); }
  std::optional<timestamp> due() const override;
  void pursue() override { trigger_.follow(state()); }
  void on_timer() override { trigger_.on_time(); }
  void forget() override { trigger_.stop(); }
  std::string waits_for() const override;
  bool engaged() const override { return running_ > 0 || trigger_.is_writing(); }

private:
  template <class Answer>
  using promise = caf::typed_response_promise<Answer>;

  caf::result<function_saved> on_put(const put_function& command);
  void save(promise<function_saved> answer, const put_function& command);
  void save(promise<function_saved> answer, const put_function& command, const std::string& log_end);
  caf::result<function_view> on_get();
  caf::result<function_view> on_roll_back(const roll_back_function& command);
  caf::result<void> on_remove(const remove_function& command);
  caf::result<function_ran> on_invoke(const invoke_function& command);

  /// Asks the runner; `done` gets its answer, `answer` its failure.
  template <class Out, class Answer, class Question, class Function>
  void ask_runner(promise<Answer> answer, Question question, Function done);
  /// Calls `done` with the end of the log now, or answers why it is not known.
  template <class Answer, class Function>
  void find_log_end(promise<Answer> answer, Function done);
  void run(promise<function_ran> answer, run_source question);
  void note_failure(const function_error& error);

  std::optional<trigger_view> trigger_now() const;
  function_view view() const { return {state(), trigger_now()}; }
  std::string_view function_name() const;
  /// Why it cannot be changed; null when it can be.
  std::optional<failure> built_in_refusal() const;

  function_settings settings_;
  function_runner_actor runner_;
  /// Questions to the runner that are not answered yet.
  std::size_t running_ = 0;
  /// Failures since the last line of the log, and when it was written.
  std::uint64_t failures_ = 0;
  std::optional<timestamp> logged_at_;
  function_trigger trigger_;
};

} // namespace waybill
