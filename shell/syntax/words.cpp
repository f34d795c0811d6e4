#include "shell/syntax/words.hpp"

#include "domain/base/errors.hpp"

#include <algorithm>
#include <limits>

namespace waybill::shell {

failure invalid(std::string detail) {
  return {ec::invalid_argument, std::move(detail)};
}

result<std::optional<std::string>> take_option(words& from, std::string_view name) {
  for (auto word = from.begin(); word != from.end(); ++word) {
    if (word->starts_with(name) && word->size() > name.size() && (*word)[name.size()] == '=') {
      auto value = word->substr(name.size() + 1);
      from.erase(word);
      return std::optional{std::move(value)};
    }
    if (*word != name)
      continue;
    if (std::next(word) == from.end())
      return invalid(std::string{name} + " needs a value");
    auto value = *std::next(word);
    from.erase(word, word + 2);
    return std::optional{std::move(value)};
  }
  return std::optional<std::string>{};
}

bool take_flag(words& from, std::string_view name) {
  return std::erase(from, name) > 0;
}

result<shell_command> no_more(const words& rest, shell_command parsed) {
  if (!rest.empty())
    return invalid("unexpected '" + rest.front() + "'");
  return parsed;
}

std::string listed(const words& all) {
  std::string text;
  for (const auto& word : all)
    text += (text.empty() ? "" : ", ") + word;
  return text;
}

std::string quoted(const words& all) {
  std::string line;
  for (const auto& word : all) {
    const char quote = word.find('\'') == std::string::npos ? '\'' : '"';
    line += (line.empty() ? "" : " ") + (quote + word + quote);
  }
  return line;
}

std::vector<std::string> split_words(std::string_view line) {
  std::vector<std::string> result;
  bool in_word = false;
  char quote = 0;
  for (const char c : line) {
    const bool blank = c == ' ' || c == '\t' || c == '\r' || c == '\n';
    if (quote == 0 && blank) {
      in_word = false;
      continue;
    }
    if (!in_word)
      result.emplace_back();
    in_word = true;
    if (quote == 0 && (c == '"' || c == '\''))
      quote = c;
    else if (c == quote && quote != 0)
      quote = 0;
    else
      result.back() += c;
  }
  return result;
}

} // namespace waybill::shell
