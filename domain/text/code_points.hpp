#pragma once

#include <utf8proc.h>

#include <cstdlib>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <string_view>

/// utf8proc with C++'s types, for the sources of this folder only.
namespace waybill {

using code_point = utf8proc_int32_t;

/// Takes the first code point off `text`, which is not empty; negative for an octet that is not well-formed.
inline code_point take(std::string_view& text) noexcept {
  code_point point = -1;
  const auto length = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                       static_cast<utf8proc_ssize_t>(text.size()), &point);
  text.remove_prefix(length > 0 ? static_cast<std::size_t>(length) : 1);
  return length > 0 ? point : -1;
}

/// The text as utf8proc_map_custom makes it with `options`; nothing for octets that are no text.
inline std::optional<std::string> map_text(std::string_view text, int options, utf8proc_custom_func each = nullptr) {
  utf8proc_uint8_t* made = nullptr;
  const auto length = utf8proc_map_custom(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                          static_cast<utf8proc_ssize_t>(text.size()), &made,
                                          static_cast<utf8proc_option_t>(options), each, nullptr);
  if (length == UTF8PROC_ERROR_NOMEM)
    throw std::bad_alloc{};
  if (length < 0)
    return std::nullopt;
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owned{made, &std::free};
  return std::string{reinterpret_cast<const char*>(made), static_cast<std::size_t>(length)};
}

} // namespace waybill
