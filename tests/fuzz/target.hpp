#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

/// The function of every target: libFuzzer calls it with its own inputs, replay.cpp with the kept ones.
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
