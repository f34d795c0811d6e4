#pragma once

#include "gateway/http/text.hpp"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

namespace waybill::http {

/// The header fields of a request, in the order in which they came. Holds views: valid only as long as the message that
/// was read.
class header_fields {
public:
  void reserve(std::size_t count) { fields_.reserve(count); }
  void add(std::string_view name, std::string_view value) { fields_.emplace_back(name, value); }

  /// The value of the first field of that name, in any case; empty when there is none.
  [[nodiscard]] std::string_view find(std::string_view name) const noexcept {
    const auto field = std::ranges::find_if(fields_, [&](const auto& x) { return same_letters(x.first, name); });
    return field == fields_.end() ? std::string_view{} : field->second;
  }

  [[nodiscard]] std::size_t count(std::string_view name) const noexcept {
    return static_cast<std::size_t>(
      std::ranges::count_if(fields_, [&](const auto& x) { return same_letters(x.first, name); }));
  }

private:
  std::vector<std::pair<std::string_view, std::string_view>> fields_;
};

} // namespace waybill::http
