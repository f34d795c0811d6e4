#include "gateway/context/scenario_runs.hpp"

#include "domain/base/ids.hpp"

#include <algorithm>

namespace waybill::http {

namespace {

constexpr std::size_t max_runs = 100;
constexpr std::ptrdiff_t max_running = 16;

} // namespace

std::optional<std::string> scenario_runs::add(int scenario) {
  std::lock_guard guard{mutex_};
  if (std::count_if(runs_.begin(), runs_.end(), [](const view& run) { return !run.report; }) >= max_running)
    return std::nullopt;
  if (runs_.size() == max_runs)
    runs_.pop_front();
  return runs_.emplace_back(view{"run_" + make_id_suffix(), scenario, {}}).id;
}

void scenario_runs::finish(const std::string& id, result<std::string> report) {
  std::lock_guard guard{mutex_};
  const auto run = std::find_if(runs_.begin(), runs_.end(), [&](const view& x) { return x.id == id; });
  if (run != runs_.end())
    run->report = std::move(report);
  for (auto next = waiters_.begin(); next != waiters_.end();) {
    if (next->second.run != id) {
      ++next;
      continue;
    }
    next->second.wake();
    next = waiters_.erase(next);
  }
}

std::optional<scenario_runs::view> scenario_runs::find(const std::string& id) {
  std::lock_guard guard{mutex_};
  const auto run = std::find_if(runs_.begin(), runs_.end(), [&](const view& x) { return x.id == id; });
  return run == runs_.end() ? std::nullopt : std::optional{*run};
}

std::uint64_t scenario_runs::wait(const std::string& id, std::function<void()> wake) {
  std::lock_guard guard{mutex_};
  const auto run = std::find_if(runs_.begin(), runs_.end(), [&](const view& x) { return x.id == id; });
  if (run == runs_.end() || run->report)
    wake();
  else
    waiters_.emplace(next_waiter_, waiter{id, std::move(wake)});
  return next_waiter_++;
}

void scenario_runs::forget(std::uint64_t id) {
  std::lock_guard guard{mutex_};
  waiters_.erase(id);
}

} // namespace waybill::http
