#pragma once

#include <cstddef>

namespace waybill {

/// Raises the limit of open files and sockets of this process to the hard limit and answers with it. Shells start
/// programs with 1,024, which is less than a gateway's connections.
std::size_t raise_descriptor_limit();

} // namespace waybill
