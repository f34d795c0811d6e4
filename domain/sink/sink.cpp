#include "domain/sink/sink.hpp"

#include "domain/base/errors.hpp"
#include "domain/base/transitions.hpp"
#include "domain/sink/address.hpp"

#include <utility>

namespace waybill::sink {

namespace {

using events = std::vector<event>;

failure no_such_sink() {
  return {ec::not_found, "there is no such sink"};
}

std::optional<failure> fault_of(const target& wanted) {
  const auto address = parse_address(wanted.url);
  if (!address)
    return failure{ec::invalid_argument, "url: " + address.error().detail};
  if (!is_destination(address->broker, wanted.destination))
    return failure{ec::invalid_argument, "destination: must be 1 to 249 letters, digits, dots, dashes and underscores, "
                                         "or colons where it is not Kafka's"};
  return std::nullopt;
}

struct sink_decider {
  const state& current;

  result<events> operator()(const create& cmd) const {
    if (auto wrong = fault_of(cmd.target))
      return std::move(*wrong);
    if (current.version == 0)
      return events{created{cmd.sink, cmd.target, cmd.types, cmd.description}};
    if (is_there(current) && current.target == cmd.target && current.password == cmd.password)
      return events{};
    return failure{ec::duplicate, "there is a sink of that id"};
  }

  result<events> operator()(const change& cmd) const {
    if (!is_there(current))
      return no_such_sink();
    updated after{{cmd.url.value_or(current.target.url), cmd.destination.value_or(current.target.destination),
                   cmd.user.value_or(current.target.user)},
                  cmd.types.value_or(current.types),
                  cmd.description.value_or(current.description)};
    if (auto wrong = fault_of(after.target))
      return std::move(*wrong);
    if (after.target.url != current.target.url && !current.password.empty() && !cmd.password)
      return failure{ec::invalid_argument, "password: another server gets the password only from who knows it"};
    events out;
    if (after.target != current.target || after.types != current.types || after.description != current.description)
      out.emplace_back(std::move(after));
    if (cmd.password && *cmd.password != current.password)
      out.emplace_back(password_changed{});
    if (const auto enable = to_be_switched(current, cmd.enabled); enable && *enable)
      out.emplace_back(enabled{});
    else if (enable)
      out.emplace_back(disabled{});
    return out;
  }

  result<events> operator()(const report_failing& cmd) const {
    return begins_to_fail(current) ? events{failing{cmd.since, cmd.last_error}} : events{};
  }

  result<events> operator()(const report_recovery&) const { return recovers(current) ? events{recovered{}} : events{}; }

  result<events> operator()(const remove&) const {
    if (current.version == 0)
      return no_such_sink();
    return is_there(current) ? events{deleted{}} : events{};
  }
};

struct sink_applier {
  state& current;

  void operator()(const created& e) const {
    current.id = e.sink;
    current.target = e.target;
    current.types = e.types;
    current.description = e.description;
  }
  void operator()(const updated& e) const {
    current.target = e.target;
    current.types = e.types;
    current.description = e.description;
  }
  void operator()(const password_changed&) const {}
  void operator()(const disabled&) const {
    current.status = status::disabled;
    current.failing_since.reset();
  }
  void operator()(const enabled&) const { current.status = status::enabled; }
  void operator()(const failing& e) const { current.failing_since = e.since; }
  void operator()(const recovered&) const { current.failing_since.reset(); }
  void operator()(const deleted&) const {
    current.status = status::deleted;
    current.failing_since.reset();
    current.password.clear();
  }
};

} // namespace

result<std::vector<event>> decide(const state& current, const command& cmd) {
  return std::visit(sink_decider{current}, cmd);
}

void apply(state& current, const event& recorded, timestamp at) {
  std::visit(sink_applier{current}, recorded);
  touch(current, at);
}

void take_private(state& current, const command& cmd) {
  if (const auto* made = std::get_if<create>(&cmd))
    current.password = made->password;
  if (const auto* changed = std::get_if<change>(&cmd); changed != nullptr && changed->password)
    current.password = *changed->password;
}

} // namespace waybill::sink
