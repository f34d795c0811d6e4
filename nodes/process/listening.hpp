#pragma once

#include "transport/endpoint.hpp"

#include <string>

namespace waybill {

/// Why nobody can listen on `address` now, in the words of the system; found out by trying.
std::string why_not_listen(const endpoint& address);

} // namespace waybill
