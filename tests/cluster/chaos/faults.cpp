#include "tests/cluster/chaos/faults.hpp"

#include "tests/support/http_shop.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>

namespace waybill::chaos {

namespace {

using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;

constexpr milliseconds look{50};
/// The orderly end of a node may take 20 s, its start a lease and some seconds.
constexpr milliseconds longest_end = 30s;
constexpr milliseconds longest_start = 60s;
/// Of a schedule: days.
constexpr milliseconds longest_run = std::chrono::hours{1'000};

/// A beginning or an end of a fault.
struct action {
  milliseconds at{0};
  std::size_t index = 0;
  bool heals = false;
};

std::vector<action> actions_of(const std::vector<fault>& schedule) {
  std::vector<action> all;
  for (std::size_t i = 0; i < schedule.size(); ++i) {
    all.push_back({schedule[i].at, i, false});
    all.push_back({schedule[i].at + schedule[i].lasts, i, true});
  }
  std::ranges::stable_sort(all, {}, &action::at);
  return all;
}

member one_more(const std::string& role) {
  return {role + "-9", role};
}

} // namespace

fault_driver::fault_driver(cluster_of_namespaces& cluster, history& into, waiter wait)
  : cluster_{cluster}, into_{into}, wait_{std::move(wait)} {}

void fault_driver::run(const std::vector<fault>& schedule, const surroundings& around) {
  const auto start = steady::now();
  std::vector<std::size_t> incidents(schedule.size());
  for (const auto& next : actions_of(schedule)) {
    wait_until([&] { return steady::now() >= start + next.at; }, longest_run);
    const auto& fault = schedule[next.index];
    if (next.heals) {
      heal(fault, around, stands_alone(schedule, next.index));
      into_.incidents[incidents[next.index]].healed = now();
      continue;
    }
    const bool alone = stands_alone(schedule, next.index);
    // A drain begins when all nodes are ready: a crashed database needs some time to come back.
    if (alone && drains(fault.kind))
      await_all_ready();
    std::printf("%s  %s\n", to_rfc3339(now()).c_str(), describe(fault).c_str());
    std::fflush(stdout);
    incidents[next.index] = into_.incidents.size();
    into_.incidents.push_back({fault, now(), {}, alone});
    begin(fault, around);
  }
  await_all_ready();
  into_.healed = now();
}

void fault_driver::await_all_ready() {
  for (const auto& member : cluster_.members())
    await_ready(member.name);
}

void fault_driver::begin(const fault& fault, const surroundings& around) {
  switch (fault.kind) {
    case fault_kind::kill: cluster_.kill(fault.target); break;
    case fault_kind::stop: cluster_.signal(fault.target, SIGSTOP); break;
    case fault_kind::stop_between: stop_between(fault.target); break;
    case fault_kind::foreign_transaction: foreign_.emplace(cluster_.foreign_database_url()); break;
    case fault_kind::revoke: open_and_revoke(around); break;
    case fault_kind::cut: set_links(fault, false); break;
    case fault_kind::isolate: cluster_.links().pull(fault.target); break;
    case fault_kind::database_stop: cluster_.postgres().stop(); break;
    case fault_kind::database_crash: cluster_.postgres().kill(); break;
    case fault_kind::terminate: cluster_.postgres().terminate_sessions(cluster_.database_url()); break;
    case fault_kind::outage_kill:
      cluster_.postgres().kill();
      // A request that arrives now cannot be written; a success would be a wrong answer.
      wait_(1s);
      cluster_.kill(fault.target);
      break;
    case fault_kind::hang_kill: hang_and_kill(fault.target); break;
    case fault_kind::refuse: refuse_appends(fault, around); break;
    case fault_kind::roll: restart_each(fault.target); break;
    case fault_kind::join: cluster_.start(one_more(fault.target)); break;
    case fault_kind::power_loss:
      cluster_.links().pull(fault.target);
      cluster_.kill(fault.target);
      break;
  }
}

void fault_driver::heal(const fault& fault, const surroundings& around, bool alone) {
  switch (fault.kind) {
    case fault_kind::kill:
    case fault_kind::hang_kill: cluster_.start(fault.target); break;
    case fault_kind::stop:
    case fault_kind::stop_between: cluster_.signal(fault.target, SIGCONT); break;
    case fault_kind::foreign_transaction: end_foreign_transaction(around); break;
    case fault_kind::revoke: look_at_revoked(around, alone); break;
    case fault_kind::cut: set_links(fault, true); break;
    case fault_kind::isolate: cluster_.links().plug(fault.target); break;
    case fault_kind::database_stop:
    case fault_kind::database_crash: cluster_.postgres().start(); break;
    case fault_kind::outage_kill:
      cluster_.postgres().start();
      cluster_.start(fault.target);
      break;
    case fault_kind::join: end_in_good_order(one_more(fault.target).name); break;
    case fault_kind::power_loss:
      cluster_.links().plug(fault.target);
      cluster_.start(fault.target);
      break;
    case fault_kind::terminate:
    case fault_kind::refuse:
    case fault_kind::roll: break;
  }
}

void fault_driver::stop_between(const std::string& node) {
  cluster_.postgres().freeze();
  // Longer than a renewal, shorter than a lease: now the node waits for an answer about its lease.
  wait_(1'300ms);
  cluster_.signal(node, SIGSTOP);
  cluster_.postgres().thaw();
}

void fault_driver::hang_and_kill(const std::string& node) {
  cluster_.postgres().freeze();
  // No call to the database fails meanwhile: appends are placed, and none is durable.
  wait_(1s);
  cluster_.kill(node);
  cluster_.postgres().thaw();
}

/// Other faults are over; a request that is refused nevertheless is repeated.
void fault_driver::refuse_appends(const fault& fault, const surroundings& around) {
  const auto gateways = cluster_.gateways();
  const auto body = R"({"fault":"refuse_appends","lasts_ms":)" + std::to_string(fault.lasts.count()) + "}";
  std::size_t attempt = 0;
  const auto tell = [&] {
    const auto answer =
      test::call(gateways[attempt++ % gateways.size()], {"POST", "/v1/chaos", around.people.admin(), body});
    return answer && answer->status == 202;
  };
  if (!wait_until(tell, longest_start))
    into_.not_ready.push_back("no node could be told to refuse appends at " + to_rfc3339(now()));
}

/// Other faults are over; a request that is refused nevertheless is repeated.
void fault_driver::open_and_revoke(const surroundings& around) {
  revoked_ = std::make_unique<revocation>(cluster_.gateways(), around.people);
  const auto succeeds = [&](const std::function<bool()>& step) { return wait_until(step, longest_start); };
  if (!succeeds([&] { return revoked_->open(); }) || !succeeds([&] { return revoked_->all_follow(); })
      || !succeeds([&] { return revoked_->revoke(); }))
    into_.not_ready.push_back("no event streams could be opened and revoked at " + to_rfc3339(now()));
}

/// On a busy machine it takes a while to open the streams and to take the rights away: only then their time begins.
/// After it something is logged that none of them may get; when the others have it, they would have had it too.
void fault_driver::look_at_revoked(const surroundings& around, bool alone) {
  constexpr milliseconds spare = 2s;
  const auto due = revoked_->revoked() + schedule_settings{}.revoked_within + spare;
  if (wait_until([&] { return now() >= due && revoked_->log_event(); }, longest_start))
    await_followed(around);
  else
    into_.not_ready.push_back("nothing could be logged after the end of revoked streams at " + to_rfc3339(now()));
  revoked_->note(into_, alone);
  revoked_.reset();
}

/// Ends the transaction only when the subscribers have all events logged until now, or when their time is over.
void fault_driver::end_foreign_transaction(const surroundings& around) {
  const auto logged = await_followed(around);
  // Not if its session went with a database that crashed meanwhile.
  if (logged && foreign_->is_open())
    into_.foreign.push_back({now(), *logged, around.followed()});
  foreign_.reset();
}

/// Waits until the subscribers have all events logged now, no longer than they may take. Returns the number of events;
/// nothing when the database cannot be queried.
std::optional<std::size_t> fault_driver::await_followed(const surroundings& around) {
  std::optional<std::size_t> logged;
  wait_until([&] { return (logged = around.logged()).has_value(); }, longest_start);
  if (logged)
    wait_until([&] { return around.followed() >= *logged; }, longest_end);
  return logged;
}

void fault_driver::set_links(const fault& fault, bool up) {
  auto& links = cluster_.links();
  const auto set = [&](const std::string& from, const std::string& to) {
    up ? links.mend(from, to) : links.cut(from, to);
  };
  set(fault.target, fault.peer);
  if (!fault.one_way)
    set(fault.peer, fault.target);
}

void fault_driver::restart_each(const std::string& role) {
  for (const auto& member : cluster_.members()) {
    if (role != "all" && !has_role(member, role))
      continue;
    end_in_good_order(member.name);
    cluster_.start(member.name);
    await_ready(member.name);
  }
}

void fault_driver::end_in_good_order(const std::string& node) {
  cluster_.ask_to_end(node);
  if (!wait_until([&] { return cluster_.has_ended(node, into_); }, longest_end))
    cluster_.give_up(node, into_);
}

void fault_driver::await_ready(const std::string& node) {
  if (!wait_until([&] { return cluster_.is_ready(node); }, longest_start))
    into_.not_ready.push_back(node + " was not ready " + std::to_string(longest_start.count() / 1'000)
                              + " s after its start, at " + to_rfc3339(now()));
}

bool fault_driver::wait_until(const std::function<bool()>& done, milliseconds limit) {
  const auto begun = steady::now();
  while (!done()) {
    if (steady::now() - begun >= limit)
      return false;
    cluster_.look_after(into_);
    wait_(look);
  }
  return true;
}

} // namespace waybill::chaos
