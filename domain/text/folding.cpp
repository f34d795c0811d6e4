#include "domain/text/folding.hpp"

#include "domain/text/code_points.hpp"

#include <algorithm>

namespace waybill {

namespace {

bool is_white_space(code_point point) noexcept {
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
  constexpr int folding = UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_COMPOSE | UTF8PROC_IGNORE | UTF8PROC_CASEFOLD;
  return map_text(text, folding).value_or(std::string{text});
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
    const auto before = rest;
    const auto point = take(rest);
    if (point >= 0 && is_white_space(point))
      end_word();
    else
      word.append(before.substr(0, before.size() - rest.size()));
  }
  end_word();
  return words;
}

} // namespace waybill
