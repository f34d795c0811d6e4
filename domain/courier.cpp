#include "domain/courier.hpp"

#include "domain/base/errors.hpp"
#include "domain/base/transitions.hpp"

#include <algorithm>

namespace waybill::courier {

namespace {

using events = std::vector<event>;

bool is_there(const state& current) {
  return current.version > 0 && !current.removed;
}

failure missing() {
  return {ec::not_found, "there is no such courier"};
}

bool is_capacity(std::uint32_t value) {
  return value >= 1 && value <= max_capacity;
}

failure bad_capacity() {
  return {ec::invalid_argument, "the capacity must be 1 to " + std::to_string(max_capacity)};
}

auto find(const state& current, const delivery_id& delivery) {
  return std::find_if(current.assignments.begin(), current.assignments.end(),
                      [&](const assignment& x) { return x.delivery == delivery; });
}

struct decider {
  const state& current;

  result<events> operator()(const add& cmd) const {
    if (!is_capacity(cmd.capacity))
      return bad_capacity();
    if (!is_there(current))
      return events{added{cmd.courier, cmd.user, cmd.name, cmd.capacity}};
    if (current.user == cmd.user && current.name == cmd.name && current.capacity == cmd.capacity)
      return events{};
    return failure{ec::duplicate, "there is a courier of that user"};
  }

  result<events> operator()(const change& cmd) const {
    if (!is_there(current))
      return missing();
    const auto capacity = cmd.capacity.value_or(current.capacity);
    const auto& name = cmd.name ? *cmd.name : current.name;
    if (!is_capacity(capacity))
      return bad_capacity();
    events out;
    if (capacity != current.capacity || name != current.name)
      out.emplace_back(changed{name, capacity});
    const bool online = cmd.online.value_or(current.online);
    if (online && !current.online)
      out.emplace_back(went_online{});
    else if (!online && current.online)
      out.emplace_back(went_offline{});
    return out;
  }

  result<events> operator()(const remove&) const {
    if (current.version == 0)
      return missing();
    if (current.removed)
      return events{};
    if (!current.assignments.empty())
      return failure{ec::illegal_transition, "a courier who has deliveries cannot be removed"};
    return events{removed{}};
  }

  result<events> operator()(const assign& cmd) const {
    if (!is_there(current))
      return missing();
    const auto held = find(current, cmd.delivery);
    const bool is_held = held != current.assignments.end();
    if (is_held && held->attempt == cmd.attempt)
      return events{};
    if (is_held && held->attempt > cmd.attempt)
      return failure{ec::conflict, "a later attempt of the delivery is this courier's already"};
    events out;
    if (is_held)
      out.emplace_back(released{cmd.delivery, held->attempt});
    else if (current.assignments.size() >= current.capacity)
      return failure{ec::conflict, "the courier has as many deliveries as they can take"};
    out.emplace_back(assigned{cmd.delivery, cmd.attempt});
    return out;
  }

  result<events> operator()(const release& cmd) const {
    const auto held = find(current, cmd.delivery);
    if (held == current.assignments.end() || held->attempt > cmd.attempt)
      return events{};
    return events{released{cmd.delivery, held->attempt}};
  }
};

struct applier {
  state& current;

  void operator()(const added& e) const {
    current.id = e.courier;
    current.user = e.user;
    current.name = e.name;
    current.capacity = e.capacity;
    current.removed = false;
  }
  void operator()(const changed& e) const {
    current.name = e.name;
    current.capacity = e.capacity;
  }
  void operator()(const went_online&) const { current.online = true; }
  void operator()(const went_offline&) const { current.online = false; }
  void operator()(const removed&) const {
    current.removed = true;
    current.online = false;
  }
  void operator()(const assigned& e) const { current.assignments.push_back({e.delivery, e.attempt}); }
  void operator()(const released& e) const {
    std::erase_if(current.assignments, [&](const assignment& x) { return x.delivery == e.delivery; });
  }
};

} // namespace

result<std::vector<event>> decide(const state& current, const command& cmd) {
  return std::visit(decider{current}, cmd);
}

void apply(state& current, const event& recorded, timestamp at) {
  std::visit(applier{current}, recorded);
  touch(current, at);
}

} // namespace waybill::courier
