#include "domain/base/transitions.hpp"

#include "domain/base/errors.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace waybill {

namespace {

/// Events that do not say by their names what cannot be done.
constexpr std::array<std::pair<std::string_view, std::string_view>, 6> known_deeds{{
  {"cancel_requested", "be cancelled"},
  {"refund_requested", "be refunded"},
  {"revision_requested", "be revised"},
  {"cancel_refused", "have its cancellation refused"},
  {"intent_recorded", "be asked for"},
  {"needs_attention", "need attention"},
}};

/// `retried`: be retried; `payment_captured`: have its payment captured.
std::string deed_of(std::string_view word) {
  const auto* const known = std::ranges::find(known_deeds, word, [](const auto& pair) { return pair.first; });
  if (known != known_deeds.end())
    return std::string{known->second};
  std::string text{word};
  std::ranges::replace(text, '_', ' ');
  return (text.find(' ') == std::string::npos ? "be " : "have its ") + text;
}

} // namespace

failure refuse_transition(std::string_view event, std::string_view from, std::string_view to,
                          std::string_view because) {
  const auto dot = std::min(event.find('.'), event.size());
  const auto whole = event.substr(0, event.find('/'));
  const auto entity = event.substr(0, dot);
  const bool with_vowel = std::string_view{"aeiou"}.find(entity.front()) != std::string_view::npos;
  std::string detail{with_vowel ? "an " : "a "};
  detail.append(entity).append(" in the status ").append(from).append(" cannot ");
  detail.append(deed_of(whole.substr(std::min(dot + 1, whole.size()))));
  if (from != to)
    detail.append(", which would lead to ").append(to);
  if (!because.empty())
    detail.append(": ").append(because);
  return {ec::illegal_transition, std::move(detail)};
}

} // namespace waybill
