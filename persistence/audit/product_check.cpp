#include "persistence/audit/audit_check.hpp"

#include "domain/base/codec.hpp"
#include "persistence/queries/log_reader.hpp"

#include <algorithm>
#include <set>

// A product's stream grows for ever, so that it is not replayed from its beginning each time that it moves: the state
// at which the last check ended is kept, and the next one goes on from there. A thorough check starts at the beginning.

namespace waybill {

namespace {

/// The orders whose reservations the events are about.
void collect_orders(const std::vector<stored_event>& events, std::vector<std::string>& into) {
  for (const auto& item : events)
    if (const auto event = decode_event<product::event>(item.type, item.schema, item.data))
      std::visit(
        [&](const auto& what) {
          if constexpr (requires { what.order; })
            into.push_back(what.order.value);
        },
        *event);
}

/// Closed reservations are of no more use: memory follows those that are open.
void keep_live(product::state& current) {
  std::erase_if(current.reservations,
                [](const auto& entry) { return entry.second.status != product::reservation_status::live; });
}

std::int64_t sum_of(const reservation_map& reservations) {
  std::int64_t sum = 0;
  for (const auto& [order, held] : reservations)
    sum += held.quantity;
  return sum;
}

} // namespace

/// Where to begin with a stream that is seen for the first time and is too long: its present state, taken on trust.
/// The same when its beginning was removed.
product::state audit_check::start_of(const std::string& id, const audited_entity* known) {
  const auto extent = measure_stream(store_, id, 0);
  const bool cut = is_cut(id, extent.oldest, known);
  if (cut && extent.count > 0 && extent.oldest + extent.count != extent.newest + 1)
    complain("I4", id, "its versions have gaps up to " + std::to_string(extent.newest));
  if (!cut && (thorough_ || extent.newest <= limits_.long_stream))
    return {};
  const reading_moment moment{store_};
  const auto stored = find_audited(store_, id);
  const auto kept = stored ? decode<product::state>(stored->state) : result<product::state>{product::state{}};
  if (!kept)
    return {};
  auto start = *kept;
  for (const auto& item : read_stream(store_, id, start.version))
    if (const auto event = decode_event<product::event>(item.type, item.schema, item.data))
      product::apply(start, *event, item.at);
  // The rows are as new as the stream, which the stored state need not be.
  start.reservations.clear();
  start.reserved = 0;
  for (const auto& [order, held] : find_live_reservations(store_, id)) {
    start.reservations[order_id{order}] = held;
    start.reserved += held.quantity;
    ++report_.rows;
  }
  return start;
}

void audit_check::check_product(const std::string& id) {
  const auto stored = find_audited(store_, id);
  ++report_.rows;
  if (stored)
    check_product_row(id, *stored);
  auto current = thorough_ ? product::state{} : follow(id).product;
  const auto* known = stored ? &*stored : nullptr;
  if (current.version == 0 || was_overtaken(id, current.version, known))
    current = start_of(id, known);
  const auto start = current.version;
  std::vector<std::string> touched;
  const auto go_on = [&]() -> std::optional<bool> {
    const auto events = read_stream(store_, id, current.version, limits_.page);
    collect_orders(events, touched);
    if (!replay<product::event>(id, events, stored ? &*stored : nullptr, current))
      return std::nullopt;
    const bool more = events.size() == limits_.page;
    if (more) {
      check_committed(id, current, touched);
      keep_live(current);
      touched.clear();
    }
    return more;
  };
  // Most of it in pages, only the end in one moment together with the rows.
  auto more = go_on();
  while (more == true)
    more = go_on();
  if (!more)
    return;
  const reading_moment moment{store_};
  do
    more = go_on();
  while (more == true);
  if (!more)
    return;
  if (stored && stored->version > current.version)
    complain("I4", id,
             "the stored state is of version " + std::to_string(stored->version) + ", its stream ends at "
               + std::to_string(current.version));
  if (!stored && current.version > start)
    complain("I5", id, "there are events, but no stored state");
  check_reservations(id, current, touched);
  if (thorough_ || !report_.found.empty())
    return;
  keep_live(current);
  follow(id).product = std::move(current);
}

void audit_check::check_product_row(const std::string& id, const audited_entity& stored) {
  const auto kept = decode<product::state>(stored.state);
  if (!kept)
    return;
  const auto& row = stored.listed_product;
  if (!row || row->sku != kept->sku || row->name != kept->name || row->withdrawn != kept->withdrawn)
    complain("I5", id, "the list of products contradicts the stored product");
}

/// In the middle of a stream the rows are newer than the replay; what is committed stays so.
void audit_check::check_committed(const std::string& id, const product::state& product,
                                  const std::vector<std::string>& touched) {
  const auto rows = find_reservations(store_, id, touched);
  report_.rows += rows.size();
  for (const auto& order : std::set<std::string>(touched.begin(), touched.end())) {
    const auto held = product.reservations.find(order_id{order});
    if (held == product.reservations.end() || held->second.status != product::reservation_status::committed)
      continue;
    const auto row = rows.find(order);
    if (row == rows.end() || row->second.status != held->second.status || row->second.quantity != held->second.quantity)
      complain("I5", id, "the row of the reservation for " + order + " is not what its events tell of");
  }
}

/// `product` is as new as the rows. Those of live and committed reservations are kept, others may be forgotten.
void audit_check::check_reservations(const std::string& id, const product::state& product,
                                     const std::vector<std::string>& touched) {
  const auto differs = [&](const std::string& order, const product::reservation* held,
                           const product::reservation* row) {
    using enum product::reservation_status;
    const bool must_be_there = held != nullptr && (held->status == live || held->status == committed);
    if (row == nullptr ? !must_be_there
                       : held != nullptr && held->status == row->status && held->quantity == row->quantity)
      return;
    complain("I5", id, "the row of the reservation for " + order + " is not what its events tell of");
  };
  const auto find = [&](const std::string& order) {
    const auto held = product.reservations.find(order_id{order});
    return held == product.reservations.end() ? nullptr : &held->second;
  };
  const auto rows = find_reservations(store_, id, touched);
  report_.rows += rows.size();
  for (const auto& order : std::set<std::string>(touched.begin(), touched.end())) {
    const auto row = rows.find(order);
    differs(order, find(order), row == rows.end() ? nullptr : &row->second);
  }
  if (!thorough_)
    return;
  const auto live = find_live_reservations(store_, id);
  report_.rows += live.size();
  for (const auto& [order, row] : live)
    if (!rows.contains(order))
      differs(order, find(order), &row);
  if (const auto sum = sum_of(live); sum != product.reserved)
    complain("I2", id,
             std::to_string(product.reserved) + " are reserved, its live reservations hold " + std::to_string(sum));
  for (const auto& order : find_reservations_of_nobody(store_, id))
    complain("I3", id, "it is reserved for " + order + ", which is over or does not exist");
}

} // namespace waybill
