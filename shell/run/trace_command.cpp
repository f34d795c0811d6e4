#include "domain/base/errors.hpp"
#include "domain/json/codec.hpp"
#include "domain/order_view/history.hpp"
#include "shell/run/executor.hpp"
#include "shell/views/trace_view.hpp"

#include <algorithm>
#include <chrono>
#include <iostream>
#include <map>

// One order while it happens.

namespace waybill::shell {

namespace {

using namespace std::chrono_literals;

/// Steps are looked at so often: an attempt that is shorter shows by its event only.
constexpr auto trace_interval = 100ms;
constexpr std::uint32_t traced_at_once = 100;

/// What was told of the open steps of an order, so that only changes are told.
class told_steps {
public:
  std::vector<trace_line> changes(const std::vector<open_step>& steps, timestamp at) {
    std::vector<trace_line> lines;
    std::map<std::string, std::string> present;
    for (const auto& step : steps)
      present.emplace(std::string{name_of(step.step)}, sentence_of(step));
    for (const auto& [name, sentence] : present)
      if (const auto known = told_.find(name); known == told_.end() || known->second != sentence)
        lines.push_back({at, "step", name, sentence});
    for (const auto& [name, sentence] : told_)
      if (!present.contains(name))
        lines.push_back({at, "step", name, "is done, or is no longer to be done"});
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

} // namespace

/// Ends after so many lines, or when the order waits for nothing any more, which the last line says.
int executor::operator()(const trace_command& command) {
  const auto known = events_of(command.id);
  if (known.has_error())
    return complain(known.error());
  if (known->empty())
    return complain({ec::not_found, "there is no order " + command.id});
  order::history past;
  for (const auto& event : *known)
    if (auto added = add_to(past, event, command.id); added.has_error())
      return complain(added.error());
  read_log query{.after = known->back().position,
                 .filter = {.types = {}, .stream = {}, .order = command.id, .customer = {}},
                 .limit = traced_at_once};
  std::uint32_t told = 0;
  const auto tell = [&](const trace_line& line) {
    if (told == command.most)
      return;
    ++told;
    print(render(line, format_));
  };
  told_steps steps;
  const interruptible guard;
  while (!guard.was_interrupted() && told < command.most) {
    const auto progress = node_.ask(get_order_progress{order_id{command.id}, of_everything()});
    const auto page = node_.ask(query);
    if (page.has_error())
      return complain(page.error());
    for (const auto& event : page->events) {
      if (auto added = add_to(past, event, command.id); added.has_error())
        return complain(added.error());
      tell({event.at, "event", event.type, event.stream + " on node " + event.node});
    }
    query.after = page->next;
    if (progress.has_value())
      for (const auto& change : steps.changes(progress->steps, now()))
        tell(change);
    if (past.reason() == order::waiting::nothing) {
      tell({now(), "end", std::string{name_of(past.present().status)}, "nothing is under way"});
      return 0;
    }
    if (!std::cout.flush())
      return 0;
    guard.pause(trace_interval);
  }
  return 0;
}

} // namespace waybill::shell
