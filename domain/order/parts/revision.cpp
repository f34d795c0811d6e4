#include "domain/base/errors.hpp"
#include "domain/base/transitions.hpp"
#include "domain/order/parts.hpp"

#include <algorithm>

namespace waybill::order {

namespace {

constexpr char number_mark = '.';

bool same(const recipient& x, const recipient& y) {
  return x.name == y.name && x.address == y.address;
}

bool same(const std::optional<recipient>& x, const std::optional<recipient>& y) {
  return x.has_value() == y.has_value() && (!x || same(*x, *y));
}

bool same(const std::vector<line>& x, const std::vector<line>& y) {
  return std::equal(x.begin(), x.end(), y.begin(), y.end(), [](const line& a, const line& b) {
    return a.product == b.product && a.sku == b.sku && a.name == b.name && a.quantity == b.quantity
           && a.unit_price == b.unit_price;
  });
}

std::vector<product_id> products_of(const std::vector<line>& lines) {
  std::vector<product_id> products;
  for (const auto& line : lines)
    products.push_back(line.product);
  std::sort(products.begin(), products.end());
  products.erase(std::unique(products.begin(), products.end()), products.end());
  return products;
}

/// The revision under way if it has that number.
const revision* find_wanted(const state& s, std::uint32_t number) {
  return s.revisions && s.revisions->wanted && s.revisions->wanted->number == number ? &*s.revisions->wanted : nullptr;
}

bool is_decided(const state& s, std::uint32_t number) {
  return s.revisions && s.revisions->last == number && !s.revisions->wanted;
}

bool was_refused(const state& s, std::uint32_t number) {
  return is_decided(s, number) && s.revisions->refused && s.revisions->refused->number == number;
}

void remember_original(state& s) {
  if (!s.original)
    s.original = original{s.lines, s.total, s.delivery, s.note};
}

failure too_late(const state& s, std::string_view event_type) {
  return illegal(event_type, s.status, s.status, "an order is changed before its dispatch");
}

} // namespace

std::string_view without_number(std::string_view id) noexcept {
  return id.substr(0, id.find(number_mark));
}

order_id reservation_of(const order_id& order, std::uint32_t number) {
  return number == 0 ? order : order_id{order.value + number_mark + std::to_string(number)};
}

payment_id payment_of(const order_id& order, std::uint32_t number) {
  return sibling_id<payment_id>(reservation_of(order, number));
}

bool is_revising(const state& current) noexcept {
  return current.revisions && (current.revisions->wanted || current.revisions->leftover);
}

bool may_change(const state& s, timestamp now) noexcept {
  if (s.status == status::confirmed)
    return s.hold || is_revising(s) || (s.dispatch_at && *s.dispatch_at > now);
  return s.status == status::placed && !is_rejecting(s);
}

// -- deciding ---------------------------------------------------------------------------------------------------------

decision decide_part(const state& s, const change& cmd, timestamp now, const deadlines&) {
  changed changes;
  if (cmd.delivery && !same(*cmd.delivery, s.delivery))
    changes.delivery = cmd.delivery;
  if (cmd.note && *cmd.note != s.note)
    changes.note = cmd.note;
  if (s.status != status::none && !changes.delivery && !changes.note)
    return events{};
  if (!may_change(s, now))
    return too_late(s, changed::type);
  return events{std::move(changes)};
}

decision decide_part(const state& s, const revise& cmd, timestamp now, const deadlines& limits) {
  const auto known = s.revisions.value_or(revisions{});
  if (known.last > 0 && !cmd.intent.empty() && known.intent == cmd.intent)
    return events{};
  if (!may_change(s, now))
    return too_late(s, revision_requested::type);
  // What is paid later would be another sum than the one that was asked for.
  if (awaits_payer(s) && !same(s.lines, cmd.lines))
    return illegal(revision_requested::type, s.status, s.status,
                   "nobody has paid it yet: its lines can be changed after that");
  if (known.wanted) {
    const bool again = same(known.wanted->lines, cmd.lines) && same(known.wanted->delivery, cmd.delivery)
                       && known.wanted->note == cmd.note;
    if (again)
      return events{};
    return failure{ec::conflict, "another revision is in progress"};
  }
  if (known.leftover)
    return failure{ec::conflict, "the previous revision is not finished"};
  if (same(s.lines, cmd.lines))
    return decide_part(s, change{cmd.delivery, cmd.note}, now, limits);
  const auto total = total_of(cmd.lines);
  if (!total)
    return total.error();
  if (total->currency != s.total.currency)
    return failure{ec::invalid_argument, "the order is in " + s.total.currency};
  return events{revision_requested{known.last + 1, cmd.lines, *total, *total != s.total, cmd.delivery, cmd.note,
                                   cmd.intent, now + limits.revise}};
}

decision decide_part(const state& s, const record_revised& cmd, timestamp now, const deadlines& limits) {
  if (is_decided(s, cmd.number) && !was_refused(s, cmd.number))
    return events{};
  const auto* wanted = find_wanted(s, cmd.number);
  if (wanted == nullptr || !next_status(s.status, revised::type))
    return illegal(revised::type, s.status, s.status, "that revision is not under way");
  return events{revised{wanted->number, wanted->lines, wanted->total, now + limits.compensate}};
}

decision decide_part(const state& s, const record_revision_refused& cmd, timestamp now, const deadlines& limits) {
  if (was_refused(s, cmd.number))
    return events{};
  if (find_wanted(s, cmd.number) == nullptr || !next_status(s.status, revision_refused::type))
    return illegal(revision_refused::type, s.status, s.status, "that revision is not under way");
  return events{revision_refused{cmd.number, cmd.because, cmd.detail, now + limits.compensate}};
}

decision decide_part(const state& s, const record_revision_closed& cmd, timestamp now, const deadlines& limits) {
  if (is_decided(s, cmd.number) && !s.revisions->leftover)
    return events{};
  if (!is_decided(s, cmd.number) || !next_status(s.status, revision_closed::type))
    return illegal(revision_closed::type, s.status, s.status, "that revision gives nothing back");
  return events{revision_closed{cmd.number, dispatch_by(s, now, limits)}};
}

// -- applying ---------------------------------------------------------------------------------------------------------

void apply_part(state& s, const changed& e, timestamp) {
  remember_original(s);
  if (e.delivery)
    s.delivery = *e.delivery;
  if (e.note)
    s.note = *e.note;
}

void apply_part(state& s, const revision_requested& e, timestamp) {
  auto& known = s.revisions ? *s.revisions : s.revisions.emplace();
  known.last = e.number;
  known.intent = e.intent;
  known.wanted = revision{e.number, e.lines, e.total, e.pays, e.delivery, e.note, e.step_by};
  if (s.status == status::confirmed)
    s.step_by = e.step_by;
}

void apply_part(state& s, const revised& e, timestamp at) {
  if (!s.revisions || !s.revisions->wanted)
    return;
  auto& known = *s.revisions;
  const auto wanted = std::move(*known.wanted);
  remember_original(s);
  known.wanted.reset();
  known.refused.reset();
  known.leftover = leftover{known.stock, products_of(s.lines), known.reserve_by.value_or(s.created_at),
                            wanted.pays ? std::optional{known.payment} : std::nullopt};
  known.stock = e.number;
  known.reserve_by = wanted.reserve_by;
  if (wanted.pays) {
    known.payment = e.number;
    s.authorized = e.total;
  }
  s.lines = e.lines;
  s.total = e.total;
  apply_part(s, changed{wanted.delivery, wanted.note}, at);
  s.step_by = e.step_by;
}

/// While the order is only placed, nothing was reserved or authorised for the revision yet.
void apply_part(state& s, const revision_refused& e, timestamp) {
  if (!s.revisions || !s.revisions->wanted)
    return;
  auto& known = *s.revisions;
  const auto wanted = std::move(*known.wanted);
  known.wanted.reset();
  known.refused = refused_revision{e.number, e.because, e.detail};
  if (s.status != status::confirmed)
    return;
  known.leftover = leftover{wanted.number, products_of(wanted.lines), wanted.reserve_by,
                            wanted.pays ? std::optional{wanted.number} : std::nullopt};
  s.step_by = e.step_by;
}

void apply_part(state& s, const revision_closed& e, timestamp) {
  if (s.revisions)
    s.revisions->leftover.reset();
  s.step_by = e.step_by;
}

} // namespace waybill::order
