#pragma once

#include "brokers/settings.hpp"
#include "domain/base/result.hpp"
#include "domain/sink/address.hpp"

#include <chrono>
#include <string>

struct sockaddr;

namespace waybill::brokers {

/// When something must have come to its end, unless it is stopped before.
class deadline {
public:
  deadline(milliseconds limit, stop_flag stop);

  /// Why it is over: ec::shutting_down, or ec::unavailable with `what` had no answer in time. None while it is not.
  [[nodiscard]] bool is_over() const;
  [[nodiscard]] failure reason(const std::string& what) const;
  /// What is left, but not so much that a stop would be noticed late.
  [[nodiscard]] milliseconds slice() const;
  [[nodiscard]] milliseconds left() const;

private:
  std::chrono::steady_clock::time_point end_;
  stop_flag stop_;
};

/// A file descriptor that is closed at the end of its life.
class socket_handle {
public:
  explicit socket_handle(int descriptor = -1) noexcept : descriptor_{descriptor} {}
  ~socket_handle();
  socket_handle(socket_handle&& other) noexcept : descriptor_{other.release()} {}
  socket_handle& operator=(socket_handle&&) = delete;

  [[nodiscard]] int get() const noexcept { return descriptor_; }
  int release() noexcept;

private:
  int descriptor_;
};

/// Whether the policy lets a connection go to this address.
bool is_allowed(const sockaddr* address, outbound::target_policy policy);

/// Resolves the name, refuses addresses that the policy forbids, and connects to the first of the others that answers.
/// The socket blocks, notices a dead peer by itself, and gives up sending after `confirm_timeout`. Fails with
/// ec::unavailable, also for a forbidden address: who runs a name decides where it points.
result<socket_handle> open_connection(const sink::server& to, const connection_settings& settings,
                                      const deadline& until);

/// As above without connecting: fails when the name has an address that is not allowed.
result<void> check_addresses(const sink::server& to, outbound::target_policy policy);

/// Waits until the socket can be read, or written; false: not before the deadline.
bool wait_readable(int descriptor, const deadline& until);
bool wait_writable(int descriptor, const deadline& until);

} // namespace waybill::brokers
