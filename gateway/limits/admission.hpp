#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <utility>

namespace waybill::http {

/// Decides how many requests may be under way at once, so that what is taken is answered in time and what cannot be is
/// refused at its door. By Little's law the number that fits is the rate at which requests are answered times the time
/// that they may take; neither has to be known. When answers take longer than the target, the limit shrinks by what
/// they are over it; when they are quicker and the limit was in use, it grows. It moves once in the time that a request
/// takes, to see what came of it. The same idea as the gradient of Netflix' concurrency-limits, with a fixed target in
/// place of the shortest time seen, because requests of different kinds share one limit. Thread-safe.
class admission {
public:
  using clock = std::chrono::steady_clock;

  struct settings {
    std::size_t most = 2'000;
    /// The limit begins here, and comes back to it when answers are quick; higher only while so many are wanted: a
    /// flood that comes out of nothing must not find the door wide open.
    std::size_t first = 300;
    /// The limit does not shrink below it. Both count only up to `most`.
    std::size_t least = 50;
    /// What a request may take on average; zero: the limit stays at `most`.
    std::chrono::milliseconds target{1'000};
  };

  explicit admission(const settings& how);

  /// A request wants in; false: it is refused, because it is the newest. A request that was let in must leave().
  [[nodiscard]] bool enter() noexcept;

  /// A request is over, or does not load the machine any more; it took `took`.
  void leave(clock::duration took, clock::time_point now);

  /// Whether enter() would refuse.
  [[nodiscard]] bool is_full() const noexcept { return inside_ >= limit_; }

  [[nodiscard]] std::size_t inside() const noexcept { return inside_; }
  [[nodiscard]] std::size_t limit() const noexcept { return limit_; }

private:
  void adapt(clock::time_point now);

  const settings settings_;
  std::atomic<std::size_t> limit_;
  std::atomic<std::size_t> inside_ = 0;

  // The window since the limit was last looked at.
  std::atomic<std::uint64_t> left_ = 0;
  std::atomic<std::uint64_t> took_microseconds_ = 0;
  std::atomic<std::size_t> peak_ = 0;
  std::atomic<clock::rep> window_end_ = 0;
  std::mutex adapting_;
};

/// A place inside, for as long as it lives or until done().
class admitted {
public:
  explicit admitted(admission& from) : from_(from.enter() ? &from : nullptr), since_(admission::clock::now()) {}
  ~admitted() { done(); }
  admitted(const admitted&) = delete;
  admitted& operator=(const admitted&) = delete;

  explicit operator bool() const noexcept { return from_ != nullptr; }

  /// What follows is waiting, not work.
  void done() {
    if (auto* from = std::exchange(from_, nullptr)) {
      const auto now = admission::clock::now();
      from->leave(now - since_, now);
    }
  }

private:
  admission* from_;
  admission::clock::time_point since_;
};

} // namespace waybill::http
