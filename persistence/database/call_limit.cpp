#include "persistence/database/call_limit.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include <sys/socket.h>

namespace waybill {

/// One thread for all limits of the process. While there are limits it checks them four times a second, otherwise it
/// sleeps: a limit that is not reached costs two locks and wakes no thread.
class call_watch {
public:
  static call_watch& instance() {
    static call_watch watch;
    return watch;
  }

  call_watch() : thread_([this] { run(); }) {}

  ~call_watch() {
    {
      const std::lock_guard lock{mutex_};
      ending_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

  call_watch(const call_watch&) = delete;
  call_watch& operator=(const call_watch&) = delete;

  void add(call_limit& limit) {
    bool wake = false;
    {
      const std::lock_guard lock{mutex_};
      limits_.push_back(&limit);
      wake = std::exchange(asleep_, false);
    }
    if (wake)
      changed_.notify_all();
  }

  void remove(const call_limit& limit) {
    const std::lock_guard lock{mutex_};
    std::erase(limits_, &limit);
  }

  bool has_cut_off(const call_limit& limit) {
    const std::lock_guard lock{mutex_};
    return limit.cut_off_;
  }

private:
  void run() {
    constexpr std::chrono::milliseconds resolution{250};
    std::unique_lock lock{mutex_};
    while (!ending_) {
      if (limits_.empty()) {
        asleep_ = true;
        changed_.wait(lock, [this] { return ending_ || !asleep_; });
      } else {
        const auto now = std::chrono::steady_clock::now();
        for (auto* limit : limits_)
          if (now >= limit->deadline_ && !std::exchange(limit->cut_off_, true))
            ::shutdown(limit->socket_, SHUT_RDWR);
      }
      changed_.wait_for(lock, resolution, [this] { return ending_; });
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<call_limit*> limits_;
  bool asleep_ = false;
  bool ending_ = false;
  std::thread thread_;
};

call_limit::call_limit(int socket, milliseconds limit)
  : socket_(socket), deadline_(std::chrono::steady_clock::now() + limit) {
  call_watch::instance().add(*this);
}

call_limit::~call_limit() {
  call_watch::instance().remove(*this);
}

bool call_limit::has_cut_off() const {
  return call_watch::instance().has_cut_off(*this);
}

} // namespace waybill
