#include "domain/text/folding.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <new>
#include <utility>

namespace waybill {

namespace {

bool is_white_space(utf8proc_int32_t point) noexcept {
  switch (utf8proc_category(point)) {
    case UTF8PROC_CATEGORY_ZS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
    case UTF8PROC_CATEGORY_CC: return true;
    default: return false;
  }
}

} // namespace

std::string fold_text(std::string_view text) {
  utf8proc_uint8_t* made = nullptr;
  constexpr auto folding = static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_COMPOSE
                                                          | UTF8PROC_IGNORE | UTF8PROC_CASEFOLD);
  const auto length = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                   static_cast<utf8proc_ssize_t>(text.size()), &made, folding);
  if (length == UTF8PROC_ERROR_NOMEM)
    throw std::bad_alloc{};
  if (length < 0)
    return std::string{text};
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owned{made, &std::free};
  return {reinterpret_cast<const char*>(made), static_cast<std::size_t>(length)};
}

std::vector<std::string> folded_words(std::string_view query) {
  const auto folded = fold_text(query);
  std::vector<std::string> words;
  std::string word;
  const auto end_word = [&] {
    if (!word.empty() && std::ranges::find(words, word) == words.end())
      words.push_back(word);
    word.clear();
  };
  for (std::string_view rest = folded; !rest.empty();) {
    utf8proc_int32_t point = -1;
    const auto length = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(rest.data()),
                                         static_cast<utf8proc_ssize_t>(rest.size()), &point);
    const auto octets = length > 0 ? static_cast<std::size_t>(length) : 1;
    if (length > 0 && is_white_space(point))
      end_word();
    else
      word.append(rest.substr(0, octets));
    rest.remove_prefix(octets);
  }
  end_word();
  return words;
}

} // namespace waybill
