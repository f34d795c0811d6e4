#include "actors/functions/function_entity.hpp"

#include "actors/entity/region_actor.hpp"
#include "domain/base/errors.hpp"
#include "domain/base/log.hpp"
#include "functions/built_in.hpp"

#include <utility>

namespace waybill {

namespace {

order::person author_of(const provenance& origin) {
  return {origin.by_kind, origin.by_id};
}

} // namespace

function_entity::function_entity(function_actor::pointer self, entity_start start, function_settings settings,
                                 function_runner_actor runner, event_feed_actor feed,
                                 std::shared_ptr<trigger_metrics> metrics)
  : entity(self, std::move(start), settings.region), settings_(settings), runner_(runner),
    trigger_({.self = self,
              .function = std::string{function_name()},
              .services = &services(),
              .settings = settings.triggers,
              .runner = std::move(runner),
              .feed = std::move(feed),
              .metrics = std::move(metrics),
              .arm = [this](timestamp when) { arm(when); },
              .note_failure = [this](const function_error& error) { note_failure(error); },
              .written = [this] { end_if_retired(); }}) {}

function_actor::behavior_type function_entity::make_behavior() {
  return {
    [this](resume_entity&) { count(), resume(); },
    [this](wake_up&) { wake(); },
    [this](retire_entity&) {
      trigger_.leave();
      retire();
    },
    [this](describe_entity&) { return count(), answer_description(); },
    [this](put_function& command) { return count(), on_put(command); },
    [this](get_function&) { return count(), on_get(); },
    [this](roll_back_function& command) { return count(), on_roll_back(command); },
    [this](remove_function& command) { return count(), on_remove(command); },
    [this](invoke_function& command) { return count(), on_invoke(command); },
  };
}

result<std::vector<function::event>> function_entity::decide(const function::command& command) {
  return function::decide(state(), command);
}

/// One that waits for events or orders is not idle, and is not to be looked at all the time.
std::optional<timestamp> function_entity::due() const {
  const auto next = trigger_.due();
  return next || !unfinished() ? next : now() + std::chrono::hours{1};
}

std::string function_entity::waits_for() const {
  if (function::has_triggers(state()))
    return "events";
  return function::acts_by_itself(state()) ? "orders" : std::string{};
}

std::optional<trigger_view> function_entity::trigger_now() const {
  return function::has_triggers(state()) ? std::optional{trigger_.view(state().triggers_after)} : std::nullopt;
}

std::string_view function_entity::function_name() const {
  return std::string_view{id()}.substr(function_id::prefix().size());
}

std::optional<failure> function_entity::built_in_refusal() const {
  if (sandbox::find_built_in(function_name()) == nullptr)
    return std::nullopt;
  return failure{ec::conflict, std::string{function_name()} + " is built in and cannot be changed"};
}

// -- changes ----------------------------------------------------------------------------------------------------------

caf::result<function_saved> function_entity::on_put(const put_function& command) {
  if (const auto refused = built_in_refusal())
    return to_error(*refused);
  auto answer = self()->make_response_promise<function_saved>();
  ask_runner<source_checked>(answer, check_source{command.source},
                             [this, answer, command](const source_checked& checked) mutable {
                               if (checked.error)
                                 answer.deliver(function_saved{{}, false, checked.error, {}});
                               else
                                 save(answer, command);
                             });
  return answer;
}

/// What comes from now on is for triggers that are new.
void function_entity::save(promise<function_saved> answer, const put_function& command) {
  if (command.triggers.empty()) {
    save(answer, command, {});
    return;
  }
  find_log_end(answer, [this, answer, command](const std::string& log_end) { save(answer, command, log_end); });
}

template <class Answer, class Function>
void function_entity::find_log_end(promise<Answer> answer, Function done) {
  ++running_;
  const auto end = [this] {
    --running_;
    end_if_retired();
  };
  self()
    ->request(services().reader, bounded_elsewhere, get_log_end{})
    .then(
      [done, end](const log_position& position) mutable {
        done(to_string(position));
        end();
      },
      [answer, end](caf::error& reason) mutable {
        answer.deliver(std::move(reason));
        end();
      });
}

/// Reads first: a function that is not there has no version that a caller could name.
void function_entity::save(promise<function_saved> answer, const put_function& command, const std::string& log_end) {
  read([this, answer, command, log_end](const outcome& known) mutable {
    if (known.error)
      return answer.deliver(to_error(*known.error));
    const bool is_new = !function::is_there(state());
    if (is_new && command.expected_version != 0)
      return answer.deliver(to_error({ec::version_mismatch, "there is no function " + command.name}));
    execute(
      function::put{command.name, command.source, author_of(command.origin), command.triggers, command.guard, log_end},
      command.origin,
      [this, answer, is_new](const outcome& done) mutable {
        if (done.error)
          return answer.deliver(to_error(*done.error));
        if (done.changed)
          log_info("function {}: version {} is called from now on", state().name, state().current);
        answer.deliver(function_saved{state(), is_new, {}, trigger_now()});
      },
      command.expected_version);
  });
}

caf::result<function_view> function_entity::on_get() {
  auto answer = self()->make_response_promise<function_view>();
  read([this, answer](const outcome& known) mutable {
    if (known.error)
      answer.deliver(to_error(*known.error));
    else if (!function::is_there(state()))
      answer.deliver(to_error(missing()));
    else
      answer.deliver(view());
  });
  return answer;
}

caf::result<function_view> function_entity::on_roll_back(const roll_back_function& command) {
  if (const auto refused = built_in_refusal())
    return to_error(*refused);
  auto answer = self()->make_response_promise<function_view>();
  find_log_end(answer, [this, answer, command](const std::string& log_end) {
    execute(
      function::roll_back{command.number, author_of(command.origin), log_end}, command.origin,
      [this, answer](const outcome& done) mutable {
        if (done.error)
          return answer.deliver(to_error(*done.error));
        if (done.changed)
          log_info("function {}: version {} is called again", state().name, state().current);
        answer.deliver(view());
      },
      command.expected_version);
  });
  return answer;
}

caf::result<void> function_entity::on_remove(const remove_function& command) {
  if (const auto refused = built_in_refusal())
    return to_error(*refused);
  auto answer = self()->make_response_promise<void>();
  execute(
    function::remove{author_of(command.origin)}, command.origin,
    [this, answer](const outcome& done) mutable {
      if (done.error)
        return answer.deliver(to_error(*done.error));
      if (done.changed)
        log_info("function {} is removed", function_name());
      answer.deliver();
    },
    command.expected_version);
  return answer;
}

// -- calls ------------------------------------------------------------------------------------------------------------

template <class Out, class Answer, class Question, class Function>
void function_entity::ask_runner(promise<Answer> answer, Question question, Function done) {
  if (!runner_)
    return answer.deliver(to_error({ec::unavailable, "this node runs no functions"}));
  ++running_;
  const auto end = [this] {
    --running_;
    end_if_retired();
  };
  self()
    ->request(runner_, bounded_elsewhere, std::move(question))
    .then(
      [done, end](Out& out) mutable {
        done(out);
        end();
      },
      [answer, end](caf::error& reason) mutable {
        answer.deliver(std::move(reason));
        end();
      });
}

caf::result<function_ran> function_entity::on_invoke(const invoke_function& command) {
  auto answer = self()->make_response_promise<function_ran>();
  if (const auto* known = sandbox::find_built_in(function_name())) {
    run(answer, {std::string{known->source}, command.input, command.within});
    return answer;
  }
  read([this, answer, command](const outcome& known) mutable {
    if (known.error)
      return answer.deliver(to_error(*known.error));
    if (const auto* present = function::find_version(state(), state().current))
      run(answer, {present->source, std::move(command.input), command.within});
    else
      answer.deliver(to_error(missing()));
  });
  return answer;
}

void function_entity::run(promise<function_ran> answer, run_source question) {
  ask_runner<function_ran>(answer, std::move(question), [this, answer](function_ran& ran) mutable {
    if (ran.error)
      note_failure(*ran.error);
    answer.deliver(std::move(ran));
  });
}

/// Without the message, which may hold what the caller sent.
void function_entity::note_failure(const function_error& error) {
  ++failures_;
  if (logged_at_ && now() - *logged_at_ < settings_.log_interval)
    return;
  log_warning("function {} failed {} times; the last time: {}, in line {}", function_name(), failures_, error.kind,
              error.line);
  logged_at_ = now();
  failures_ = 0;
}

// -- the region -------------------------------------------------------------------------------------------------------

function_region_actor spawn_function_region(caf::actor_system& sys, const entity_services& services,
                                            const function_settings& settings, const function_runner_actor& runner,
                                            const event_feed_actor& feed) {
  return spawn_region<function_entity>(sys, services, settings.region, settings, runner, feed,
                                       std::make_shared<trigger_metrics>(sys));
}

} // namespace waybill
