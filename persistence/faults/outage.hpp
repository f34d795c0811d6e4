#pragma once

#include "persistence/faults/timed_fault.hpp"

namespace waybill {

/// Fault injection: the loss of the database. While it is on, every call of this process to a database fails as if the
/// connection had broken. Thread-safe.
class simulated_outage {
public:
  static void begin(milliseconds lasts) noexcept { fault_.begin(lasts); }
  [[nodiscard]] static bool is_on() noexcept { return fault_.is_on(); }

private:
  static inline timed_fault fault_;
};

} // namespace waybill
