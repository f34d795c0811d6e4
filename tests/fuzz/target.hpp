#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

/// What every target is made of: libFuzzer calls it with inputs of its own, replay.cpp with those that are kept.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace waybill::fuzz {

inline std::string_view view(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// A property of the target that does not hold ends the run, whatever the build.
inline void require(bool holds) {
  if (!holds)
    std::abort();
}

} // namespace waybill::fuzz
