#include "domain/order_view/search.hpp"

#include "domain/text/folding.hpp"

#include <algorithm>

namespace waybill::order {

namespace {

/// A line feed stands between the parts: no word reaches over it.
std::string searched_text(const state& order) {
  auto text = order.delivery.name + '\n' + order.delivery.address + '\n' + order.note;
  for (const auto& line : order.lines)
    text += '\n' + line.sku + '\n' + line.name;
  return fold_text(text);
}

/// People read the end of an id to each other. Anywhere else in it, and for fewer characters, a word would be there by
/// chance: "tea" is in one of two thousand ids.
bool is_end_of(const order_id& id, const std::string& word) {
  constexpr std::size_t fewest = 4;
  return word.size() >= fewest && id.value.ends_with(word);
}

} // namespace

bool matches(const search& wanted, const state& order) {
  if (wanted.reason && waiting_of(order) != *wanted.reason)
    return false;
  if (!wanted.product.empty()
      && std::ranges::none_of(order.lines, [&](const line& x) { return x.product.value == wanted.product; }))
    return false;
  if (wanted.words.empty())
    return true;
  const auto text = searched_text(order);
  return std::ranges::all_of(wanted.words, [&](const std::string& word) {
    return text.find(word) != std::string::npos || is_end_of(order.id, word);
  });
}

} // namespace waybill::order
