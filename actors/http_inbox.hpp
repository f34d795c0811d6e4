#pragma once

#include "outbound/http_client.hpp"

#include <cstdint>
#include <mutex>
#include <utility>
#include <vector>

namespace waybill {

/// Where the thread of an HTTP client puts what has come for an actor, which is woken once for all that gathered
/// meanwhile. Thread-safe.
class http_inbox {
public:
  /// Whether it was empty before.
  bool put(std::uint64_t call, outbound::http_result answer) {
    const std::lock_guard guard{mutex_};
    arrived_.emplace_back(call, std::move(answer));
    return arrived_.size() == 1;
  }

  std::vector<std::pair<std::uint64_t, outbound::http_result>> take() {
    const std::lock_guard guard{mutex_};
    return std::exchange(arrived_, {});
  }

private:
  std::mutex mutex_;
  std::vector<std::pair<std::uint64_t, outbound::http_result>> arrived_;
};

} // namespace waybill
