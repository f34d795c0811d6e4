#pragma once

#include <cstddef>

namespace waybill {

/// Raises how many files and sockets this process may have open to what the system allows it without asking, and
/// answers with that. Shells start programs with 1,024, which is less than a gateway's connections.
std::size_t raise_descriptor_limit();

} // namespace waybill
