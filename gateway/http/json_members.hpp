#pragma once

#include "domain/base/time.hpp"
#include "domain/json/json_writer.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Members that several resources have in common.
namespace waybill::http {

/// The text, or null when it is empty.
inline void write_optional(json_writer& out, std::string_view name, const std::string& text) {
  out.key(name);
  if (text.empty())
    out.null();
  else
    out.text(text);
}

inline void write_time(json_writer& out, std::string_view name, const std::optional<timestamp>& time) {
  if (time)
    out.member(name, *time);
  else
    out.key(name).null();
}

inline void write_words(json_writer& out, std::string_view name, const std::vector<std::string>& words) {
  out.key(name).begin_array();
  for (const auto& word : words)
    out.text(word);
  out.end_array();
}

} // namespace waybill::http
