#pragma once

#include <cstdint>

namespace waybill::http {

/// Which listener a connection came through: the one for clients, plain HTTP for the scenarios of this machine, the one
/// that only redirects to HTTPS, or the one for operators.
enum class listener_kind : std::uint8_t { clients, loopback, redirect, operators };

} // namespace waybill::http
