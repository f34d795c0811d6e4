#include "domain/product.hpp"

#include "domain/base/errors.hpp"
#include "domain/base/transitions.hpp"

#include <algorithm>
#include <array>

namespace waybill::product {

namespace {

using events = std::vector<event>;
using outcome = result<events>;

/// The life of the product and that of one reservation, which starts out `unknown`.
enum class phase : std::uint8_t { none, on_sale, withdrawn, unknown, live, rejected, committed, released, expired };
BOOST_DESCRIBE_ENUM(phase, none, on_sale, withdrawn, unknown, live, rejected, committed, released, expired)

constexpr std::array transitions{
  transition<phase>{created::type, {phase::none}, phase::on_sale},
  transition<phase>{changed::type, {phase::on_sale}, phase::on_sale},
  transition<phase>{withdrawn::type, {phase::on_sale}, phase::withdrawn},
  transition<phase>{stock_adjusted::type, {phase::on_sale}, phase::on_sale},
  transition<phase>{stock_adjusted::type, {phase::withdrawn}, phase::withdrawn},
  transition<phase>{stock_low::type, {phase::on_sale}, phase::on_sale},
  transition<phase>{stock_low::type, {phase::withdrawn}, phase::withdrawn},
  transition<phase>{stock_reserved::type, {phase::unknown}, phase::live},
  transition<phase>{stock_rejected::type, {phase::unknown}, phase::rejected},
  transition<phase>{stock_released::type, {phase::unknown, phase::live}, phase::released},
  transition<phase>{
    stock_committed::type, {phase::unknown, phase::live, phase::released, phase::expired}, phase::committed},
  transition<phase>{stock_expired::type, {phase::live}, phase::expired},
};

phase phase_of(const state& s) {
  if (s.version == 0)
    return phase::none;
  return s.withdrawn ? phase::withdrawn : phase::on_sale;
}

phase phase_of(const reservation* held) {
  if (!held)
    return phase::unknown;
  switch (held->status) {
    case reservation_status::live: return phase::live;
    case reservation_status::rejected: return phase::rejected;
    case reservation_status::committed: return phase::committed;
    case reservation_status::released: return phase::released;
    case reservation_status::expired: return phase::expired;
  }
  return phase::unknown;
}

const reservation* find(const state& s, const order_id& order) {
  const auto entry = s.reservations.find(order);
  return entry == s.reservations.end() ? nullptr : &entry->second;
}

bool is_overdue(const reservation& held, timestamp now) {
  return held.status == reservation_status::live && held.expires_at <= now;
}

std::optional<failure> check_words(std::string_view sku, std::string_view name) {
  if (sku.empty() || name.empty())
    return failure{ec::invalid_argument, "a product has a SKU and a name"};
  return std::nullopt;
}

std::optional<failure> check_price(const money& price) {
  if (price.amount < 0 || !is_currency(price.currency))
    return failure{ec::invalid_argument, "a price is not negative and has a currency of ISO 4217"};
  return std::nullopt;
}

struct decider {
  const state& current;
  timestamp now;
  const settings& options;

  template <class Event>
  outcome emit(phase from, Event e) const {
    if (!find_transition<phase>(transitions, from, Event::type))
      return illegal<phase>(transitions, Event::type, from);
    events out;
    out.emplace_back(std::move(e));
    return out;
  }

  /// `e` takes `taken` from what is available; says so when little is left.
  template <class Event>
  outcome emit_taking(phase from, std::int64_t taken, Event e) const {
    auto out = emit(from, std::move(e));
    const auto before = current.available();
    const auto after = before - taken;
    if (out && before >= options.low_stock && after < options.low_stock)
      out->emplace_back(stock_low{after});
    return out;
  }

  outcome operator()(const create& cmd) const {
    if (phase_of(current) != phase::none) {
      const bool same = cmd.product == current.id && cmd.sku == current.sku && cmd.name == current.name
                        && cmd.price == current.price && cmd.on_hand == current.on_hand;
      if (same)
        return events{};
      return failure{ec::duplicate, "the product exists already"};
    }
    if (auto wrong = check_words(cmd.sku, cmd.name))
      return *wrong;
    if (auto wrong = check_price(cmd.price))
      return *wrong;
    if (cmd.on_hand < 0)
      return failure{ec::invalid_argument, "what is on hand cannot be negative"};
    return emit(phase::none, created{cmd.product, cmd.sku, cmd.name, cmd.price, cmd.on_hand});
  }

  outcome operator()(const change& cmd) const {
    changed after{cmd.sku.value_or(current.sku), cmd.name.value_or(current.name), cmd.price.value_or(current.price)};
    if (after.sku == current.sku && after.name == current.name && after.price == current.price)
      return events{};
    if (current.withdrawn)
      return failure{ec::product_withdrawn, "the product is withdrawn"};
    if (auto wrong = check_words(after.sku, after.name))
      return *wrong;
    // A price that stays may have a currency from the time before codes were checked.
    if (auto wrong = after.price == current.price ? std::nullopt : check_price(after.price))
      return *wrong;
    return emit(phase_of(current), std::move(after));
  }

  outcome operator()(const withdraw&) const {
    if (current.withdrawn)
      return events{};
    return emit(phase_of(current), withdrawn{});
  }

  outcome operator()(const adjust& cmd) const {
    if (cmd.delta == 0)
      return events{};
    std::int64_t left = 0;
    if (__builtin_add_overflow(current.on_hand, cmd.delta, &left) || left < current.reserved)
      return failure{ec::invalid_argument, "less than what is reserved would be left, or too much to count"};
    return emit_taking(phase_of(current), current.on_hand - left,
                       stock_adjusted{cmd.delta, cmd.reason, cmd.adjustment});
  }

  outcome operator()(const reserve& cmd) const {
    const auto* held = find(current, cmd.order);
    if (held)
      return events{};
    if (cmd.quantity < 1)
      return failure{ec::invalid_argument, "a quantity is at least 1"};
    if (now > cmd.reserve_by)
      return failure{ec::deadline_exceeded, "the time to reserve was over"};
    if (current.withdrawn)
      return failure{ec::product_withdrawn, "the product is withdrawn"};
    if (cmd.quantity > current.available())
      return emit(phase_of(held), stock_rejected{cmd.order, cmd.quantity, current.available(), cmd.reserve_by});
    return emit_taking(phase_of(held), cmd.quantity,
                       stock_reserved{cmd.order, cmd.quantity, now + options.reservation_ttl, cmd.reserve_by});
  }

  outcome operator()(const commit& cmd) const {
    const auto* held = find(current, cmd.order);
    const auto from = phase_of(held);
    if (from == phase::committed)
      return events{};
    if (cmd.quantity < 1 || (from == phase::live && cmd.quantity != held->quantity))
      return failure{ec::invalid_argument, "the quantity is not the reserved one"};
    if (from == phase::live)
      return emit(from, stock_committed{cmd.order, cmd.quantity});
    if (from != phase::rejected && cmd.quantity > current.available())
      return failure{ec::out_of_stock, "the reservation is over and not enough is available"};
    return emit_taking(from, cmd.quantity, stock_committed{cmd.order, cmd.quantity});
  }

  outcome operator()(const release& cmd) const {
    const auto* held = find(current, cmd.order);
    const auto from = phase_of(held);
    if (from == phase::live)
      return emit(from, stock_released{cmd.order, held->quantity, std::max(cmd.reserve_by, held->reserve_by)});
    if (held || cmd.reserve_by + options.clock_tolerance <= now)
      return events{};
    return emit(from, stock_released{cmd.order, 0, cmd.reserve_by});
  }

  outcome operator()(const expire& cmd) const {
    events out;
    for (const auto& order : cmd.reservations)
      if (const auto* held = find(current, order); held != nullptr && is_overdue(*held, now))
        out.emplace_back(stock_expired{order, held->quantity});
    return out;
  }
};

struct applier {
  state& current;
  timestamp at;

  /// Closes the order's reservation and gives back what it held; `quantity` is what the closing is about.
  reservation& close(const order_id& order, reservation_status how, std::int64_t quantity) const {
    auto [entry, is_new] = current.reservations.try_emplace(order);
    auto& held = entry->second;
    if (!is_new && held.status == reservation_status::live)
      current.reserved -= held.quantity;
    held.status = how;
    held.quantity = quantity;
    held.expires_at = at;
    return held;
  }

  void operator()(const created& e) const {
    current.id = e.product;
    current.sku = e.sku;
    current.name = e.name;
    current.price = e.price;
    current.on_hand = e.on_hand;
  }
  void operator()(const changed& e) const {
    current.sku = e.sku;
    current.name = e.name;
    current.price = e.price;
  }
  void operator()(const withdrawn&) const { current.withdrawn = true; }
  void operator()(const stock_adjusted& e) const { current.on_hand += e.delta; }
  void operator()(const stock_reserved& e) const {
    current.reservations[e.order] = {reservation_status::live, e.quantity, 0, e.expires_at, e.reserve_by};
    current.reserved += e.quantity;
  }
  void operator()(const stock_rejected& e) const {
    current.reservations[e.order] = {reservation_status::rejected, e.quantity, e.available, at, e.reserve_by};
  }
  void operator()(const stock_released& e) const {
    close(e.order, reservation_status::released, e.quantity).reserve_by = e.reserve_by;
  }
  void operator()(const stock_committed& e) const {
    close(e.order, reservation_status::committed, e.quantity);
    current.on_hand -= e.quantity;
  }
  void operator()(const stock_expired& e) const { close(e.order, reservation_status::expired, e.quantity); }
  void operator()(const stock_low&) const {}
};

} // namespace

result<std::vector<event>> decide(const state& current, const command& cmd, timestamp now, const settings& options) {
  if (phase_of(current) == phase::none && !std::holds_alternative<create>(cmd))
    return failure{ec::not_found, "there is no such product"};
  return std::visit(decider{current, now, options}, cmd);
}

void apply(state& current, const event& recorded, timestamp at) {
  std::visit(applier{current, at}, recorded);
  touch(current, at);
}

std::vector<order_id> forget_closed(state& current, timestamp now, const settings& options) {
  std::vector<order_id> gone;
  std::erase_if(current.reservations, [&](const auto& entry) {
    const auto& [order, held] = entry;
    const bool committed = held.status == reservation_status::committed;
    if (held.status == reservation_status::live || held.reserve_by + options.clock_tolerance >= now
        || (committed && held.expires_at + options.remember_committed >= now))
      return false;
    if (!committed)
      gone.push_back(order);
    return true;
  });
  return gone;
}

std::optional<timestamp> next_expiry(const state& current) {
  std::optional<timestamp> first;
  for (const auto& [order, held] : current.reservations)
    if (held.status == reservation_status::live && (!first || held.expires_at < *first))
      first = held.expires_at;
  return first;
}

std::vector<order_id> find_overdue(const state& current, timestamp now) {
  std::vector<order_id> overdue;
  for (const auto& [order, held] : current.reservations)
    if (is_overdue(held, now))
      overdue.push_back(order);
  std::sort(overdue.begin(), overdue.end());
  return overdue;
}

void prolong(state& current, const order_id& reservation, timestamp until) {
  if (const auto entry = current.reservations.find(reservation);
      entry != current.reservations.end() && entry->second.status == reservation_status::live)
    entry->second.expires_at = until;
}

} // namespace waybill::product
