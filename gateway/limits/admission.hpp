#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <utility>

namespace waybill::http {

/// Decides how many requests may be under way at once, so that those that are let in are answered in time and the
/// others are refused at once. By Little's law the number that fits is the rate at which requests are answered times
/// the time that they may take; neither has to be known. When answers take longer than the target, the limit shrinks in
/// proportion; when they are quicker and the limit was in use, it grows. For example, with a target of 1 s a mean of
/// 1.25 s turns a limit of 100 into 80. The limit moves at most once in the time that a request takes, to see the
/// effect. The same idea as the gradient of Netflix' concurrency-limits, with a fixed target in place of the shortest
/// time seen, because requests of different kinds share one limit. Thread-safe.
class admission {
public:
  using clock = std::chrono::steady_clock;

  struct settings {
    std::size_t most = 2'000;
    /// The limit begins here and returns to it when answers are quick. It rises higher only while so many requests
    /// come: a sudden flood must not meet a high limit.
    std::size_t first = 300;
    /// The limit does not shrink below it. Both count only up to `most`.
    std::size_t least = 50;
    /// What a request may take on average; zero: the limit stays at `most`.
    std::chrono::milliseconds target{1'000};
  };

  explicit admission(const settings& how);

  /// Lets a request in, or gives false. A request that was let in must leave().
  [[nodiscard]] bool enter() noexcept;

  /// A request is answered, or only waits from now on; it took `took`.
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

/// Counts a request for as long as it lives or until done(). Converts to false when the request was refused.
class request_permit {
public:
  explicit request_permit(admission& from) : from_(from.enter() ? &from : nullptr), since_(admission::clock::now()) {}
  ~request_permit() { done(); }
  request_permit(const request_permit&) = delete;
  request_permit& operator=(const request_permit&) = delete;

  explicit operator bool() const noexcept { return from_ != nullptr; }

  /// From now on the request only waits, which is no work.
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
