#pragma once

#include "domain/text/trim.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

/// Small functions on the text of headers.
namespace waybill::http {

/// Whether two texts are equal apart from the case of ASCII letters. Beast's iequals is not used: it reads one octet
/// past the end when the case differs (Boost 1.81).
inline bool same_letters(std::string_view a, std::string_view b) noexcept {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

/// The place of the quote that closes the quoted string which begins at `from`; `from` when nothing closes it.
constexpr std::size_t end_of_quoted(std::string_view text, std::size_t from) noexcept {
  for (std::size_t i = from + 1; i < text.size(); ++i) {
    if (text[i] == '\\')
      ++i;
    else if (text[i] == '"')
      return i;
  }
  return from;
}

/// Calls `each` with the trimmed items of a comma-separated list; commas in quoted strings do not count (RFC 9110,
/// sections 5.6.1 and 5.6.4). A quote that is never closed is none, and neither are those behind it.
template <class F>
void for_each_item(std::string_view list, F each) {
  std::size_t begin = 0;
  bool closed = true;
  for (std::size_t i = 0; i <= list.size(); ++i) {
    if (closed && i < list.size() && list[i] == '"') {
      const auto end = end_of_quoted(list, i);
      closed = end != i;
      i = end;
    }
    if (i == list.size() || list[i] == ',') {
      if (auto item = trim(list.substr(begin, i - begin)); !item.empty())
        each(item);
      begin = i + 1;
    }
  }
}

/// The words of `customer,admin`.
inline std::vector<std::string> split_words(std::string_view text) {
  std::vector<std::string> words;
  for (std::size_t begin = 0; begin < text.size();) {
    const auto end = std::min(text.find(',', begin), text.size());
    words.emplace_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return words;
}

} // namespace waybill::http
