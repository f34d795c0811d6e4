#include "functions/library/pattern.hpp"

#include <cstring>

namespace waybill::sandbox {

namespace {

bool is_between(unsigned char c, char first, char last) {
  return c >= static_cast<unsigned char>(first) && c <= static_cast<unsigned char>(last);
}

bool is_letter(unsigned char c) {
  return is_between(c, 'a', 'z') || is_between(c, 'A', 'Z');
}

bool is_digit(unsigned char c) {
  return is_between(c, '0', '9');
}

bool is_graphic(unsigned char c) {
  return c > 0x20 && c < 0x7F;
}

/// Whether `c` is of the class `%name`. Letters are those of ASCII, whatever the locale.
bool is_of_class(unsigned char c, char name) {
  const bool negated = is_between(static_cast<unsigned char>(name), 'A', 'Z');
  bool is_member = false;
  switch (negated ? static_cast<char>(name - 'A' + 'a') : name) {
    case 'a': is_member = is_letter(c); break;
    case 'c': is_member = c < 0x20 || c == 0x7F; break;
    case 'd': is_member = is_digit(c); break;
    case 'g': is_member = is_graphic(c); break;
    case 'l': is_member = is_between(c, 'a', 'z'); break;
    case 'p': is_member = is_graphic(c) && !is_letter(c) && !is_digit(c); break;
    case 's': is_member = c == ' ' || is_between(c, '\t', '\r'); break;
    case 'u': is_member = is_between(c, 'A', 'Z'); break;
    case 'w': is_member = is_letter(c) || is_digit(c); break;
    case 'x': is_member = is_digit(c) || is_between(c, 'a', 'f') || is_between(c, 'A', 'F'); break;
    default: return static_cast<unsigned char>(name) == c;
  }
  return is_member != negated;
}

} // namespace

const char* pattern_matcher::match_at(const char* from) noexcept {
  level_ = 0;
  depth_ = 0;
  return match(from, pattern_.data());
}

std::nullptr_t pattern_matcher::fail(const char* why) noexcept {
  if (problem_ == nullptr)
    problem_ = why;
  return nullptr;
}

const char* pattern_matcher::match(const char* s, const char* p) noexcept {
  if (++depth_ > most_levels) {
    --depth_;
    return fail("the pattern is too complex");
  }
  while (go_on() && p != pattern_end())
    if (!match_special(s, p)) {
      --depth_;
      return s;
    }
  --depth_;
  return problem_ == nullptr && work_.why() == exhausted::nothing ? s : nullptr;
}

bool pattern_matcher::match_special(const char*& s, const char*& p) noexcept {
  const bool is_last = p + 1 == pattern_end();
  const char next = is_last ? '\0' : p[1];
  if (*p == '(') {
    const bool is_place = !is_last && next == ')';
    s = begin_capture(s, p + (is_place ? 2 : 1), is_place ? place : unfinished);
    return false;
  }
  if (*p == ')') {
    s = end_capture(s, p + 1);
    return false;
  }
  if (*p == '$' && is_last) {
    s = s == text_end() ? s : nullptr;
    return false;
  }
  if (*p == pattern_escape && !is_last && next == 'b') {
    s = match_balanced(s, p + 2);
    p += s != nullptr ? 4 : 0;
    return s != nullptr;
  }
  if (*p == pattern_escape && !is_last && next == 'f') {
    p += 2;
    if (p == pattern_end() || *p != '[')
      return s = fail("the pattern has no '[' after '%f'"), false;
    const char* end = item_end(p);
    if (end == nullptr || !is_frontier(s, p, end))
      return s = nullptr, false;
    p = end;
    return true;
  }
  if (*p == pattern_escape && !is_last && is_digit(static_cast<unsigned char>(next))) {
    s = match_again(s, next);
    p += 2;
    return s != nullptr;
  }
  return match_item(s, p);
}

/// One character, perhaps with `*`, `+`, `-` or `?` behind it.
bool pattern_matcher::match_item(const char*& s, const char*& p) noexcept {
  const char* end = item_end(p);
  if (end == nullptr)
    return s = nullptr, false;
  const char suffix = end == pattern_end() ? '\0' : *end;
  const bool matches = matches_one(s, p, end);
  switch (suffix) {
    case '?':
      if (matches) {
        if (const char* whole = match(s + 1, end + 1))
          return s = whole, false;
      }
      p = end + 1;
      return true;
    case '*': return s = match_most(s, p, end), false;
    case '+': return s = matches ? match_most(s + 1, p, end) : nullptr, false;
    case '-': return s = match_least(s, p, end), false;
    default: break;
  }
  if (!matches)
    return s = nullptr, false;
  ++s;
  p = end;
  return true;
}

const char* pattern_matcher::item_end(const char* p) noexcept {
  const char first = *p++;
  if (first == pattern_escape)
    return p == pattern_end() ? fail("the pattern ends with '%'") : p + 1;
  if (first != '[')
    return p;
  if (p != pattern_end() && *p == '^')
    ++p;
  // The first character is one of the set, even if it is ']'.
  do {
    if (p == pattern_end() || !work_.spend(1))
      return fail("the pattern has no ']' for a '['");
    if (*p++ == pattern_escape && p != pattern_end())
      ++p;
  } while (p == pattern_end() || *p != ']');
  return p + 1;
}

bool pattern_matcher::matches_one(const char* s, const char* p, const char* end) noexcept {
  if (s == text_end() || !work_.spend(1))
    return false;
  const auto c = static_cast<unsigned char>(*s);
  switch (*p) {
    case '.': return true;
    case pattern_escape: return is_of_class(c, p[1]);
    case '[': return is_in_set(c, p, end - 1);
    default: return static_cast<unsigned char>(*p) == c;
  }
}

/// `p`: the '[' of the set; `closing`: its ']'.
bool pattern_matcher::is_in_set(unsigned char c, const char* p, const char* closing) noexcept {
  const bool negated = p[1] == '^';
  if (negated)
    ++p;
  while (++p < closing) {
    if (!work_.spend(1))
      return false;
    if (*p == pattern_escape) {
      ++p;
      if (is_of_class(c, *p))
        return !negated;
    } else if (p[1] == '-' && p + 2 < closing) {
      p += 2;
      if (is_between(c, p[-2], *p))
        return !negated;
    } else if (static_cast<unsigned char>(*p) == c) {
      return !negated;
    }
  }
  return negated;
}

const char* pattern_matcher::match_most(const char* s, const char* p, const char* end) noexcept {
  std::ptrdiff_t count = 0;
  while (matches_one(s + count, p, end))
    ++count;
  for (; count >= 0 && go_on(); --count)
    if (const char* whole = match(s + count, end + 1))
      return whole;
  return nullptr;
}

const char* pattern_matcher::match_least(const char* s, const char* p, const char* end) noexcept {
  while (go_on()) {
    if (const char* whole = match(s, end + 1))
      return whole;
    if (!matches_one(s, p, end))
      return nullptr;
    ++s;
  }
  return nullptr;
}

/// `p`: the two characters behind `%b`.
const char* pattern_matcher::match_balanced(const char* s, const char* p) noexcept {
  if (pattern_end() - p < 2)
    return fail("the pattern has no two characters after '%b'");
  if (s == text_end() || *s != *p)
    return nullptr;
  std::ptrdiff_t open = 1;
  while (++s < text_end() && work_.spend(1)) {
    if (*s == p[1]) {
      if (--open == 0)
        return s + 1;
    } else if (*s == p[0]) {
      ++open;
    }
  }
  return nullptr;
}

bool pattern_matcher::is_frontier(const char* s, const char* p, const char* end) noexcept {
  const auto before = s == text_.data() ? '\0' : s[-1];
  const auto here = s == text_end() ? '\0' : *s;
  return !is_in_set(static_cast<unsigned char>(before), p, end - 1)
         && is_in_set(static_cast<unsigned char>(here), p, end - 1);
}

const char* pattern_matcher::begin_capture(const char* s, const char* p, std::ptrdiff_t size) noexcept {
  if (level_ == max_captures)
    return fail("the pattern has too many captures");
  captures_[static_cast<std::size_t>(level_++)] = {s, size};
  const char* whole = match(s, p);
  if (whole == nullptr)
    --level_;
  return whole;
}

const char* pattern_matcher::end_capture(const char* s, const char* p) noexcept {
  auto open = level_;
  while (open > 0 && at(open - 1).size != unfinished)
    --open;
  if (open == 0)
    return fail("the pattern has a ')' without its '('");
  auto& ended = captures_[static_cast<std::size_t>(open - 1)];
  ended.size = s - ended.first;
  const char* whole = match(s, p);
  if (whole == nullptr)
    ended.size = unfinished;
  return whole;
}

/// The text of an earlier capture, `%1`, once more. A place is no text and comes nowhere again.
const char* pattern_matcher::match_again(const char* s, char digit) noexcept {
  const auto index = digit - '1';
  if (index < 0 || index >= level_ || at(index).size == unfinished)
    return fail("the pattern names a capture that it does not have");
  const auto& earlier = at(index);
  const auto size = earlier.size;
  if (earlier.is_place() || text_end() - s < size || !work_.spend(static_cast<std::uint64_t>(size) / 16 + 1))
    return nullptr;
  return std::memcmp(earlier.first, s, static_cast<std::size_t>(size)) == 0 ? s + size : nullptr;
}

} // namespace waybill::sandbox
