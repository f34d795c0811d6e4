#include "domain/base/errors.hpp"
#include "domain/json/codec.hpp"
#include "domain/octets/octets.hpp"
#include "domain/order_view/history.hpp"
#include "domain/text/unicode.hpp"
#include "shell/run/executor.hpp"
#include "shell/views/trace_story.hpp"

#include <algorithm>
#include <chrono>
#include <iostream>
#include <map>
#include <optional>

// One order while it happens.

namespace waybill::shell {

namespace {

using namespace std::chrono_literals;

constexpr auto trace_interval = 200ms;
/// How long a line waits for others, which other nodes or the log may have from before.
constexpr auto trace_patience = 600ms;
constexpr std::uint32_t traced_at_once = 100;

/// What was told of the open steps of an order, so that only changes are told.
class told_steps {
public:
  std::vector<trace_line> changes(const order_progress& progress, timestamp at) {
    std::vector<trace_line> lines;
    std::map<std::string, std::string> present;
    for (const auto& step : progress.steps)
      present.emplace(std::string{name_of(step.step)}, sentence_of(step));
    for (const auto& [name, sentence] : present)
      if (const auto known = told_.find(name); known == told_.end() || known->second != sentence)
        lines.push_back({at, "step", name, sentence, progress.node});
    for (const auto& [name, sentence] : told_)
      if (!present.contains(name))
        lines.push_back({at, "step", name, "is done, or is no longer to be done", progress.node});
    told_ = std::move(present);
    return lines;
  }

private:
  static std::string sentence_of(const open_step& step) {
    const auto number = "attempt " + std::to_string(step.attempts);
    if (step.attempts == 0)
      return "is to be done";
    if (step.under_way)
      return number + " is under way";
    return number + (step.last_failure.empty() ? " decided nothing yet" : " came to nothing: " + step.last_failure);
  }

  std::map<std::string, std::string> told_;
};

/// Takes the events of the order itself into its history.
result<void> add_to(order::history& past, const stored_event& item, const std::string& order) {
  if (item.stream != order)
    return {};
  const auto event = decode_event<order::event>(item.type, item.schema, item.data);
  if (event.has_error())
    return event.error();
  past.add(*event, item.at);
  return {};
}

trace_line how_it_stands(const order::history& past) {
  const std::string reason{order::word_for(past.reason())};
  return {now(), "order", std::string{name_of(past.present().status)},
          "waits for " + reason + " since " + to_rfc3339(past.since())};
}

} // namespace

/// Follows one order: what the nodes note of it, or the steps of its saga, and its events.
class executor::trace_run {
public:
  trace_run(executor& shell, const trace_command& command)
    : shell_(shell), command_(command), log_{.after = {},
                                             .filter = {.types = {}, .stream = {}, .order = command.id, .customer = {}},
                                             .limit = traced_at_once},
      messages_{.order = command.id, .asker = random_number(), .seen = {}} {}

  /// The nodes need not wait until this asker is missed.
  ~trace_run() {
    if (!begun_)
      return;
    messages_.ends = true;
    static_cast<void>(shell_.node_.ask(messages_));
  }

  trace_run(const trace_run&) = delete;
  trace_run& operator=(const trace_run&) = delete;

  result<void> begin() {
    const auto known = shell_.events_of(command_.id);
    if (known.has_error())
      return known.error();
    if (known->empty())
      return failure{ec::not_found, "there is no order " + command_.id};
    for (const auto& event : *known)
      if (auto added = add_to(past_, event, command_.id); added.has_error())
        return added.error();
    log_.after = known->back().position;
    if (auto noted = take_messages(); noted.has_error())
      return noted.error();
    shell_.print(trace_heading(shell_.format_));
    was_over_ = is_over();
    if (!was_over_)
      tell(how_it_stands(past_));
    return {};
  }

  /// Prints what has happened since; false when there is no more to come.
  result<bool> go_on() {
    if (auto noted = take_messages(); noted.has_error())
      return noted.error();
    if (auto read = take_events(); read.has_error())
      return read.error();
    if (command_.events_only)
      take_steps();
    const auto time = std::chrono::steady_clock::now();
    if (!is_over()) {
      was_over_ = false;
      over_since_.reset();
    } else if (!over_since_) {
      over_since_ = time;
    }
    // Its last answers may still be on their way.
    const bool is_last = over_since_ && (was_over_ || time - *over_since_ >= trace_patience);
    tell(is_last ? story_.take_all() : story_.take_due(time));
    if (is_last)
      tell({now(), "end", std::string{name_of(past_.present().status)}, "nothing is under way"});
    return !is_last && told_ < command_.most;
  }

  void tell_rest() { tell(story_.take_all()); }

private:
  [[nodiscard]] bool is_over() const { return past_.reason() == order::waiting::nothing; }

  result<void> take_messages() {
    if (command_.events_only)
      return {};
    messages_.seen = story_.seen();
    const auto noted = shell_.node_.ask(messages_);
    if (noted.has_error())
      return noted.error();
    begun_ = true;
    for (const auto& missing : story_.add(*noted, std::chrono::steady_clock::now()))
      std::cerr << "waybill: " << (missing.node.empty() ? "the other nodes are" : "node " + missing.node + " is")
                << " left out: " << escape_control_characters(missing.reason) << '\n';
    return {};
  }

  result<void> take_events() {
    const auto page = shell_.node_.ask(log_);
    if (page.has_error())
      return page.error();
    for (const auto& event : page->events) {
      if (auto added = add_to(past_, event, command_.id); added.has_error())
        return added.error();
      story_.add(event, std::chrono::steady_clock::now());
    }
    log_.after = page->next;
    return {};
  }

  /// An order whose node cannot be asked just now has its events all the same.
  void take_steps() {
    const auto progress = shell_.node_.ask(get_order_progress{order_id{command_.id}, of_everything()});
    if (progress.has_value())
      for (auto& change : steps_.changes(*progress, now()))
        story_.add(std::move(change), std::chrono::steady_clock::now());
  }

  void tell(const std::vector<trace_line>& lines) {
    for (const auto& line : lines)
      tell(line);
  }

  void tell(const trace_line& line) {
    if (told_ == command_.most)
      return;
    ++told_;
    shell_.print(render(line, command_.id, shell_.format_));
  }

  executor& shell_;
  const trace_command& command_;
  order::history past_;
  read_log log_;
  trace_messages messages_;
  trace_story story_{trace_patience};
  told_steps steps_;
  std::uint32_t told_ = 0;
  /// A node has been asked for messages.
  bool begun_ = false;
  /// Nothing has happened since the beginning, and it was over then.
  bool was_over_ = false;
  std::optional<std::chrono::steady_clock::time_point> over_since_;
};

/// Ends after so many lines, or when the order waits for nothing any more, which the last line says.
int executor::operator()(const trace_command& command) {
  trace_run run{*this, command};
  if (const auto begun = run.begin(); begun.has_error())
    return complain(begun.error());
  const interruptible guard;
  for (bool more = true; more;) {
    if (guard.was_interrupted()) {
      run.tell_rest();
      break;
    }
    const auto went_on = run.go_on();
    if (went_on.has_error())
      return complain(went_on.error());
    more = *went_on && std::cout.flush();
    if (more)
      guard.pause(trace_interval);
  }
  return 0;
}

} // namespace waybill::shell
