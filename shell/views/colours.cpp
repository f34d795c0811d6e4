#include "shell/views/colours.hpp"

#include <algorithm>
#include <array>

namespace waybill::shell {

namespace {

constexpr std::string_view red = "\x1b[31m";
constexpr std::string_view yellow = "\x1b[33m";
constexpr std::string_view green = "\x1b[32m";
constexpr std::string_view plain = "\x1b[0m";

struct coloured_word {
  std::string_view word;
  std::string_view colour;
};

constexpr std::array coloured_words{
  coloured_word{"needs_attention", red}, coloured_word{"dead", red},         coloured_word{"failed", red},
  coloured_word{"rejected", yellow},     coloured_word{"cancelled", yellow}, coloured_word{"cancelling", yellow},
  coloured_word{"declined", yellow},     coloured_word{"refused", yellow},   coloured_word{"leaving", yellow},
  coloured_word{"completed", green},     coloured_word{"delivered", green},  coloured_word{"up", green},
};

bool is_of_word(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// A word of its own between two blanks, as in a table: not a part of an id or a name.
bool is_bounded(std::string_view text, std::size_t begin, std::size_t end) noexcept {
  const auto is_blank = [&](std::size_t at) { return text[at] == ' ' || text[at] == '\n'; };
  return (begin == 0 || is_blank(begin - 1)) && (end == text.size() || is_blank(end));
}

} // namespace

std::string with_colours(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    auto end = at;
    while (end < text.size() && is_of_word(text[end]))
      ++end;
    const auto word = text.substr(at, end - at);
    const auto* const known = std::ranges::find(coloured_words, word, &coloured_word::word);
    if (known != coloured_words.end() && is_bounded(text, at, end))
      out.append(known->colour).append(word).append(plain);
    else
      out.append(word);
    if (end < text.size())
      out += text[end++];
    at = end;
  }
  return out;
}

} // namespace waybill::shell
