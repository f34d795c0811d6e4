#include "shell/syntax/words.hpp"

#include "domain/base/errors.hpp"

#include <algorithm>
#include <array>
#include <charconv>
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

std::optional<std::uint64_t> to_number(std::string_view text) noexcept {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size())
    return std::nullopt;
  return number;
}

std::optional<milliseconds> to_duration(std::string_view text) noexcept {
  struct unit {
    std::string_view name;
    std::uint64_t ms;
  };
  constexpr std::array units{unit{"ms", 1}, unit{"s", 1'000}, unit{"m", 60'000}, unit{"h", 3'600'000},
                             unit{"d", 86'400'000}};
  const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto number = to_number(text.substr(0, digits));
  const auto* const known = std::ranges::find(units, text.substr(digits), &unit::name);
  // A century is longer than anything that is asked for.
  constexpr std::uint64_t most_ms = 36'525ULL * 86'400'000ULL;
  if (!number || known == units.end() || *number > most_ms / known->ms)
    return std::nullopt;
  return milliseconds{static_cast<std::int64_t>(*number * known->ms)};
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
