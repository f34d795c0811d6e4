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

/// The last runs of scenarios and what came of them. Thread-safe: reports come from threads of others.
class scenario_runs : public std::enable_shared_from_this<scenario_runs> {
public:
  /// A run as it stands.
  struct view {
    std::string id;
    int scenario = 0;
    /// Nothing while it runs.
    std::optional<result<std::string>> report;
  };

  /// Notes a new run and gives its id; forgets the oldest one when there are 100. Nothing while too many still run.
  std::optional<std::string> add(int scenario);

  /// The report of a run; wakes whoever waits for it.
  void finish(const std::string& id, result<std::string> report);

  std::optional<view> find(const std::string& id);

  /// Calls `wake` once when the run has ended, at once if it has; under a lock, so it must only post.
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
