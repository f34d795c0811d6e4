#include "domain/order_view/waiting.hpp"

#include "domain/order/parts.hpp"

#include <algorithm>
#include <array>

namespace waybill::order {

namespace {

struct entry {
  waiting reason;
  std::string_view word;
  std::array<status, 2> statuses;
  std::size_t count = 1;
};

constexpr std::array entries{
  entry{waiting::stock, "stock", {status::placed}},
  entry{waiting::payment, "payment", {status::placed}},
  entry{waiting::payer, "payer", {status::placed}},
  entry{waiting::dispatch, "dispatch", {status::confirmed}},
  entry{waiting::revision, "revision", {status::confirmed}},
  entry{waiting::release, "release", {status::confirmed}},
  entry{waiting::courier, "courier", {status::fulfilling}},
  entry{waiting::settlement, "settlement", {status::fulfilling}},
  entry{waiting::compensation, "compensation", {status::cancelling, status::placed}, 2},
  entry{waiting::refund, "refund", {status::completed}},
  entry{waiting::attention, "operator", {status::needs_attention}},
};

} // namespace

waiting waiting_of(const state& current) noexcept {
  switch (current.status) {
    case status::placed:
      if (is_rejecting(current))
        return waiting::compensation;
      if (!current.stock_reserved)
        return waiting::stock;
      return awaits_payer(current) ? waiting::payer : waiting::payment;
    case status::confirmed:
      if (is_revising(current))
        return waiting::revision;
      return current.hold ? waiting::release : waiting::dispatch;
    case status::fulfilling: return is_delivered(current) ? waiting::settlement : waiting::courier;
    case status::cancelling: return waiting::compensation;
    case status::needs_attention: return waiting::attention;
    case status::completed: return has_work(current) ? waiting::refund : waiting::nothing;
    case status::none:
    case status::rejected:
    case status::cancelled: return waiting::nothing;
  }
  return waiting::nothing;
}

std::string_view word_for(waiting reason) noexcept {
  const auto* const place = std::ranges::find(entries, reason, &entry::reason);
  return place == entries.end() ? std::string_view{} : place->word;
}

std::vector<std::string_view> waiting_words() {
  std::vector<std::string_view> words;
  for (const auto& entry : entries)
    words.push_back(entry.word);
  return words;
}

std::optional<waiting> to_waiting(std::string_view word) noexcept {
  const auto* const place = std::ranges::find(entries, word, &entry::word);
  return place == entries.end() ? std::nullopt : std::optional{place->reason};
}

std::span<const status> statuses_of(waiting reason) noexcept {
  const auto* const place = std::ranges::find(entries, reason, &entry::reason);
  return place == entries.end() ? std::span<const status>{} : std::span{place->statuses}.first(place->count);
}

} // namespace waybill::order
