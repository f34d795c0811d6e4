#include "domain/base/suggestion.hpp"

#include <algorithm>
#include <numeric>

namespace waybill {

namespace {

/// The restricted Damerau-Levenshtein distance: insertions, deletions, substitutions, transpositions of neighbours.
/// `enough` instead, as soon as it is seen that the distance is not below it.
std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t enough) {
  if (std::max(a.size(), b.size()) - std::min(a.size(), b.size()) >= enough)
    return enough;
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> now(b.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    now[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t other = a[i - 1] == b[j - 1] ? 0 : 1;
      now[j] = std::min({last[j] + 1, now[j - 1] + 1, last[j - 1] + other});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        now[j] = std::min(now[j], before[j - 2] + 1);
    }
    // A transposition reaches back over one row: both rows have to be beyond it.
    if (std::ranges::min(now) >= enough && std::ranges::min(last) >= enough)
      return enough;
    before.swap(last);
    last.swap(now);
  }
  return last[b.size()];
}

} // namespace

std::string closest_word(std::string_view word, const std::vector<std::string>& known) {
  constexpr std::size_t longest = 64;
  if (word.empty() || word.size() > longest)
    return {};
  std::string closest;
  auto least = std::max<std::size_t>(word.size() / 3, 1) + 1;
  for (const auto& candidate : known) {
    const auto distance = edit_distance(word, candidate, least);
    if (distance < least) {
      least = distance;
      closest = candidate;
    }
  }
  if (!closest.empty() || word.size() < 3)
    return closest;
  const auto begins =
    std::ranges::find_if(known, [&](const std::string& candidate) { return candidate.starts_with(word); });
  return begins == known.end() ? std::string{} : *begins;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& known, std::string_view prefix) {
  const auto closest = closest_word(word, known);
  return closest.empty() ? std::string{} : "; did you mean " + std::string{prefix} + closest + "?";
}

} // namespace waybill
