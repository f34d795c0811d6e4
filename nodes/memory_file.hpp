#pragma once

#include "domain/errors.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace waybill {

/// Keeps content in memory under a path that only processes of the same user can open. Move-only.
class memory_file {
public:
  /// Fails with ec::internal.
  static result<memory_file> make(const char* name, std::string_view content);
  memory_file() = default;
  memory_file(memory_file&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  memory_file& operator=(memory_file&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~memory_file();

  [[nodiscard]] std::string path() const;

private:
  int descriptor_ = -1;
};

} // namespace waybill
