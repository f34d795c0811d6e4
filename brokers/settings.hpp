#pragma once

#include "domain/base/time.hpp"
#include "outbound/http_messages.hpp"

#include <atomic>
#include <memory>
#include <string>

namespace waybill::brokers {

/// Ends what blocks within a quarter of a second, from any thread.
using stop_flag = std::shared_ptr<const std::atomic<bool>>;

struct connection_settings {
  /// For names, TCP, TLS and signing in.
  milliseconds connect_timeout{5'000};
  /// The broker must have answered what it was asked, and confirmed what was published, within.
  milliseconds confirm_timeout{15'000};
  /// With `public_only` the connection must be by TLS, and to public addresses.
  outbound::target_policy targets = outbound::target_policy::public_only;
  /// PEM file of the authorities that brokers' certificates are verified with; empty: the system's.
  std::string ca_file;
};

} // namespace waybill::brokers
