#include "domain/order/metadata.hpp"

#include "domain/text/code_points.hpp"
#include "domain/text/unicode.hpp"

#include <algorithm>
#include <string_view>

namespace waybill::order {

namespace {

bool is_key(std::string_view text) noexcept {
  return !text.empty() && text.size() <= max_metadata_key && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
  });
}

std::size_t characters_of(std::string_view text) noexcept {
  std::size_t count = 0;
  for (; !text.empty(); ++count)
    take(text);
  return count;
}

} // namespace

std::string check_metadata(const metadata& entries) {
  if (entries.size() > max_metadata_entries)
    return "metadata has more than " + std::to_string(max_metadata_entries) + " entries";
  for (const auto& [key, text] : entries) {
    if (!is_key(key))
      return "a key of metadata has 1 to " + std::to_string(max_metadata_key)
             + " small letters, digits, underscores, hyphens and full stops";
    if (has_control_characters(text) || characters_of(text) > max_metadata_text)
      return "the text of " + key + " must have at most " + std::to_string(max_metadata_text)
             + " characters, and no control characters";
  }
  return {};
}

} // namespace waybill::order
