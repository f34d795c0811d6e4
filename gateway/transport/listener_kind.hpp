#pragma once

#include <cstdint>

namespace waybill::http {

/// For whom a port is open: clients, the scenarios of this machine (plain HTTP), those who are redirected to HTTPS, or
/// operators.
enum class listener_kind : std::uint8_t { clients, loopback, redirect, operators };

} // namespace waybill::http
