#pragma once

#include "functions/meter.hpp"

#include <array>
#include <cstddef>
#include <string_view>

namespace waybill::sandbox {

inline constexpr char pattern_escape = '%';

/// Matches patterns of Lua (reference manual, section 6.4.1) with the meaning of Lua's own matcher, which cannot be
/// interrupted: this one counts its steps, because a pattern such as `.-.-.-x` takes time that grows with a power of
/// the text. No exceptions, no memory, no destructors.
class pattern_matcher {
public:
  static constexpr int max_captures = 32;

  struct capture {
    const char* first = nullptr;
    /// A place in the text has no size.
    std::ptrdiff_t size = 0;
    [[nodiscard]] bool is_place() const noexcept { return size == place; }
  };

  /// All three must live as long as the matcher.
  pattern_matcher(std::string_view text, std::string_view pattern, meter& work) noexcept
    : text_{text}, pattern_{pattern}, work_{work} {}

  /// The end of the match that begins at `from`, or null; also null when `problem` is set or the work is used up.
  const char* match_at(const char* from) noexcept;

  /// What is wrong with the pattern; null: nothing was found.
  [[nodiscard]] const char* problem() const noexcept { return problem_; }

  /// Of the last match.
  [[nodiscard]] int captures() const noexcept { return level_; }
  /// `index` from 0. One that never ended has the size -1.
  [[nodiscard]] const capture& at(int index) const noexcept { return captures_[static_cast<std::size_t>(index)]; }

private:
  static constexpr std::ptrdiff_t unfinished = -1;
  static constexpr std::ptrdiff_t place = -2;
  static constexpr int most_levels = 200;

  [[nodiscard]] const char* text_end() const noexcept { return text_.data() + text_.size(); }
  [[nodiscard]] const char* pattern_end() const noexcept { return pattern_.data() + pattern_.size(); }
  std::nullptr_t fail(const char* why) noexcept;
  bool go_on() noexcept { return problem_ == nullptr && work_.spend(1); }

  const char* match(const char* s, const char* p) noexcept;
  /// A step of `match` whose pattern goes on behind the item: false when `match` has its answer in `s`.
  bool match_special(const char*& s, const char*& p) noexcept;
  bool match_item(const char*& s, const char*& p) noexcept;
  const char* item_end(const char* p) noexcept;
  bool matches_one(const char* s, const char* p, const char* end) noexcept;
  bool is_in_set(unsigned char c, const char* p, const char* closing) noexcept;
  const char* match_most(const char* s, const char* p, const char* end) noexcept;
  const char* match_least(const char* s, const char* p, const char* end) noexcept;
  const char* match_balanced(const char* s, const char* p) noexcept;
  bool is_frontier(const char* s, const char* p, const char* end) noexcept;
  const char* begin_capture(const char* s, const char* p, std::ptrdiff_t size) noexcept;
  const char* end_capture(const char* s, const char* p) noexcept;
  const char* match_again(const char* s, char digit) noexcept;

  std::string_view text_;
  std::string_view pattern_;
  meter& work_;
  const char* problem_ = nullptr;
  int level_ = 0;
  int depth_ = 0;
  std::array<capture, max_captures> captures_{};
};

} // namespace waybill::sandbox
