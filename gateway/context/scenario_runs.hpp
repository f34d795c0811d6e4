#pragma once

#include "domain/base/result.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace waybill::http {

/// The last runs of scenarios with their reports. Thread-safe: reports come from any thread.
class scenario_runs : public std::enable_shared_from_this<scenario_runs> {
public:
  /// The present state of a run.
  struct view {
    std::string id;
    int scenario = 0;
    /// Nothing while the scenario runs.
    std::optional<result<std::string>> report;
  };

  /// Adds a run and gives its id; forgets the oldest one when there are 100. Nothing while 16 are running.
  std::optional<std::string> add(int scenario);

  /// Stores the report of a run and wakes those that wait for it.
  void finish(const std::string& id, result<std::string> report);

  std::optional<view> find(const std::string& id);

  /// Calls `wake` once when the run has ended, or at once if it has ended already. `wake` is called under a lock: it
  /// must only post.
  std::uint64_t wait(const std::string& id, std::function<void()> wake);

  /// After this `wake` is not called any more.
  void forget(std::uint64_t waiter);

private:
  struct waiter {
    std::string run;
    std::function<void()> wake;
  };

  std::mutex mutex_;
  std::deque<view> runs_;
  std::map<std::uint64_t, waiter> waiters_;
  std::uint64_t next_waiter_ = 1;
};

} // namespace waybill::http
