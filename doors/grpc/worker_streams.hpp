#pragma once

#include <cstddef>
#include <mutex>
#include <string>
#include <unordered_map>

namespace waybill::grpc_door {

/// The open streams of workers by their courier: only the last one to end takes the courier offline. Thread-safe.
class worker_streams {
public:
  void enter(const std::string& courier) {
    const std::lock_guard guard{mutex_};
    ++streams_[courier];
  }

  /// Whether it was the last one.
  bool leave(const std::string& courier) {
    const std::lock_guard guard{mutex_};
    const auto entry = streams_.find(courier);
    if (--entry->second > 0)
      return false;
    streams_.erase(entry);
    return true;
  }

private:
  std::mutex mutex_;
  std::unordered_map<std::string, std::size_t> streams_;
};

} // namespace waybill::grpc_door
