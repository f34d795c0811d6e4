#include "domain/webhook/endpoint.hpp"

#include "domain/base/errors.hpp"
#include "domain/base/transitions.hpp"

namespace waybill::webhook {

namespace {

using events = std::vector<event>;

failure missing() {
  return {ec::not_found, "there is no such webhook endpoint"};
}

struct decider {
  const state& current;

  result<events> operator()(const create& cmd) const {
    if (current.version == 0)
      return events{created{cmd.webhook, cmd.url, cmd.types, cmd.description}};
    if (is_there(current) && current.keys.current == cmd.secret)
      return events{};
    return failure{ec::duplicate, "there is a webhook endpoint of that id"};
  }

  result<events> operator()(const change& cmd) const {
    if (!is_there(current))
      return missing();
    updated after{cmd.url.value_or(current.url), cmd.types.value_or(current.types),
                  cmd.description.value_or(current.description)};
    events out;
    if (after.url != current.url || after.types != current.types || after.description != current.description)
      out.emplace_back(std::move(after));
    if (const auto enable = to_be_switched(current, cmd.enabled); enable && *enable)
      out.emplace_back(enabled{});
    else if (enable)
      out.emplace_back(disabled{"operator"});
    return out;
  }

  result<events> operator()(const rotate& cmd) const {
    if (!is_there(current))
      return missing();
    if (current.keys.current == cmd.secret)
      return events{};
    return events{secret_rotated{cmd.previous_until}};
  }

  result<events> operator()(const disable& cmd) const {
    if (!is_there(current) || current.status == status::disabled)
      return events{};
    return events{disabled{cmd.reason}};
  }

  result<events> operator()(const report_failing& cmd) const {
    return begins_to_fail(current) ? events{failing{cmd.since, cmd.last_error}} : events{};
  }

  result<events> operator()(const report_recovery&) const { return recovers(current) ? events{recovered{}} : events{}; }

  result<events> operator()(const remove&) const {
    if (current.version == 0)
      return missing();
    return is_there(current) ? events{deleted{}} : events{};
  }

  result<events> operator()(const purge&) const {
    if (current.status != status::deleted || current.purged)
      return events{};
    return events{purged{}};
  }

  result<events> operator()(const request_replay& cmd) const {
    if (!is_there(current))
      return missing();
    if (current.status != status::enabled)
      return failure{ec::illegal_transition, "nothing is sent to an endpoint that is disabled"};
    if (current.replay == cmd.range)
      return events{};
    if (current.replay)
      return failure{ec::conflict, "another replay is under way"};
    return events{replay_requested{cmd.range.after, cmd.range.before, cmd.range.types}};
  }

  result<events> operator()(const end_replay&) const {
    if (!is_there(current) || !current.replay)
      return events{};
    return events{replayed{}};
  }
};

struct applier {
  state& current;

  void operator()(const created& e) const {
    current.id = e.webhook;
    current.url = e.url;
    current.types = e.types;
    current.description = e.description;
  }
  void operator()(const updated& e) const {
    current.url = e.url;
    current.types = e.types;
    current.description = e.description;
  }
  void operator()(const secret_rotated& e) const { current.previous_until = e.previous_until; }
  void operator()(const disabled& e) const {
    current.status = status::disabled;
    current.reason = e.reason;
  }
  void operator()(const failing& e) const { current.failing_since = e.since; }
  void operator()(const recovered&) const { current.failing_since.reset(); }
  void operator()(const enabled&) const {
    current.status = status::enabled;
    current.reason.clear();
    current.failing_since.reset();
  }
  void operator()(const deleted&) const {
    current.status = status::deleted;
    current.replay.reset();
    current.keys = {};
  }
  void operator()(const purged&) const { current.purged = true; }
  void operator()(const replay_requested& e) const { current.replay = replay_range{e.after, e.before, e.types}; }
  void operator()(const replayed&) const { current.replay.reset(); }
};

} // namespace

result<std::vector<event>> decide(const state& current, const command& cmd) {
  return std::visit(decider{current}, cmd);
}

void apply(state& current, const event& recorded, timestamp at) {
  std::visit(applier{current}, recorded);
  touch(current, at);
}

void take_private(state& current, const command& cmd) {
  if (const auto* created = std::get_if<create>(&cmd))
    current.keys = {created->secret, {}, {}};
  if (const auto* rotated = std::get_if<rotate>(&cmd)) {
    auto before = rotated->previous_until ? std::move(current.keys.current) : std::string{};
    current.keys = {rotated->secret, std::move(before), rotated->previous_until};
  }
}

} // namespace waybill::webhook
