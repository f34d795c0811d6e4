#pragma once

#include "messages/journal/append.hpp"

#include <cstddef>

namespace waybill {

/// How much memory `request` takes, about: its parts and the texts in them, without what an allocator adds.
std::size_t octets_of(const append& request);

} // namespace waybill
