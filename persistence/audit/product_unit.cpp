#include "persistence/audit/product_unit.hpp"

#include "domain/order/revision.hpp"
#include "persistence/audit/replay.hpp"
#include "persistence/queries/log/event_horizon.hpp"

#include <set>

namespace waybill {

namespace {

/// The orders whose reservations the events are about.
void collect_orders(const std::vector<stored_event>& events, std::vector<std::string>& orders) {
  for (const auto& item : events)
    if (const auto decoded = decode_event<product::event>(item.type, item.schema, item.data))
      std::visit(
        [&](const auto& event) {
          if constexpr (requires { event.order; })
            orders.push_back(event.order.value);
        },
        *decoded);
}

/// The orders whose reservations the events end because the orders are over, as it seems.
void collect_expired(const std::vector<stored_event>& events, std::vector<std::string>& orders) {
  for (const auto& item : events)
    if (item.type == product::stock_expired::type)
      if (const auto expired = decode<product::stock_expired>(item.data))
        orders.emplace_back(order::without_number(expired->order.value));
}

/// Closed reservations are not compared again, so that only the open ones take memory.
void keep_live(product::state& product) {
  std::erase_if(product.reservations,
                [](const auto& entry) { return entry.second.status != product::reservation_status::live; });
}

std::int64_t sum_of(const reservation_map& reservations) {
  std::int64_t sum = 0;
  for (const auto& [order, reservation] : reservations)
    sum += reservation.quantity;
  return sum;
}

} // namespace

void product_unit::check() {
  const auto found = find_audited(context_.store, id_);
  const auto* stored = get_if_stored(found);
  ++context_.report.rows;
  if (stored != nullptr)
    check_row(*stored);
  product_ = context_.thorough ? product::state{} : followed_.follow(id_).product;
  if (product_.version == 0 || was_overtaken(product_.version, stored))
    product_ = find_start(stored);
  const auto start = product_.version;
  // Most of the stream without a transaction; only its end is read in one moment together with the rows.
  if (replay_pages(stored) != replayed::to_the_end)
    return;
  const reading_moment moment{context_.store};
  if (replay_pages(stored) != replayed::to_the_end)
    return;
  context_.check_stored_version(id_, found, product_.version);
  if (stored == nullptr && product_.version > start)
    context_.complain_of_missing_state(id_);
  check_reservations();
  if (context_.thorough || !context_.report.found.empty())
    return;
  keep_live(product_);
  followed_.follow(id_).product = std::move(product_);
}

void product_unit::check_row(const audited_entity& stored) {
  const auto kept = decode<product::state>(stored.state);
  if (!kept)
    return;
  const auto& row = stored.listed_product;
  if (!row || row->sku != kept->sku || row->name != kept->name || row->withdrawn != kept->withdrawn)
    context_.complain("I5", id_, "the list of products contradicts the stored product");
}

// -- replaying --------------------------------------------------------------------------------------------------------

/// Where to begin with a stream that is seen for the first time and is too long: at its present state, which is not
/// checked. The same when its beginning was removed.
product::state product_unit::find_start(const audited_entity* stored) {
  auto& store = context_.store;
  const auto ends = find_stream_ends(store, id_, 0);
  const bool cut = context_.is_cut(id_, ends.oldest, stored);
  // A look reads no more of a long history than of a short one.
  const bool countable = context_.thorough || ends.newest - ends.oldest <= context_.limits.long_stream;
  if (cut && countable) {
    const auto extent = measure_stream(store, id_, 0);
    if (extent.count > 0 && extent.oldest + extent.count != extent.newest + 1)
      context_.complain_of_gaps_up_to(id_, extent.newest);
  }
  if (!cut && (context_.thorough || ends.newest <= context_.limits.long_stream))
    return {};
  const reading_moment moment{store};
  const auto current = find_audited(store, id_);
  const auto kept = current ? decode<product::state>(current->state) : result<product::state>{product::state{}};
  if (!kept)
    return {};
  auto start = *kept;
  for (const auto& item : read_stream(store, id_, start.version))
    if (const auto event = decode_event<product::event>(item.type, item.schema, item.data))
      product::apply(start, *event, item.at);
  // The rows are as new as the stream, which the stored state need not be.
  start.reservations.clear();
  start.reserved = 0;
  for (const auto& [order, reservation] : find_live_reservations(store, id_)) {
    start.reservations[order_id{order}] = reservation;
    start.reserved += reservation.quantity;
    ++context_.report.rows;
  }
  return start;
}

/// Whether events behind `version`, up to which the stream was followed, were removed.
bool product_unit::was_overtaken(std::uint64_t version, const audited_entity* stored) {
  if (read_horizon(context_.store).removed == 0)
    return false;
  const auto rest = find_stream_ends(context_.store, id_, version);
  return rest.oldest > 0 ? rest.oldest != version + 1 : stored != nullptr && stored->version > version;
}

product_unit::replayed product_unit::replay_page(const audited_entity* stored) {
  const auto events = read_stream(context_.store, id_, product_.version, context_.limits.page);
  collect_orders(events, touched_);
  check_expired(events);
  if (!replay::apply_events<product::event>(context_, id_, events, stored, product_))
    return replayed::not_to_the_end;
  if (events.size() < context_.limits.page)
    return replayed::to_the_end;
  check_committed();
  keep_live(product_);
  touched_.clear();
  return replayed::full_page;
}

product_unit::replayed product_unit::replay_pages(const audited_entity* stored) {
  auto page = replay_page(stored);
  while (page == replayed::full_page)
    page = replay_page(stored);
  return page;
}

/// A reservation ends by its order only, or because that is over: what is over stays so.
void product_unit::check_expired(const std::vector<stored_event>& events) {
  std::vector<std::string> orders;
  collect_expired(events, orders);
  if (orders.empty())
    return;
  context_.report.rows += orders.size();
  for (const auto& [order, status] : find_living_orders(context_.store, orders))
    context_.complain("I2", id_, "its reservation for " + order + " ended although the order is " + status);
}

// -- reservations -----------------------------------------------------------------------------------------------------

/// In the middle of a stream the rows are newer than the replay; what is committed stays so.
void product_unit::check_committed() {
  const auto rows = find_reservations(context_.store, id_, touched_);
  context_.report.rows += rows.size();
  for (const auto& order : std::set<std::string>(touched_.begin(), touched_.end())) {
    const auto* reservation = find_reservation(order);
    if (reservation == nullptr || reservation->status != product::reservation_status::committed)
      continue;
    const auto row = rows.find(order);
    if (row == rows.end() || row->second.status != reservation->status || row->second.quantity != reservation->quantity)
      complain_of_row(order);
  }
}

/// At the end of the stream the rows are as new as the replay.
void product_unit::check_reservations() {
  const auto rows = find_reservations(context_.store, id_, touched_);
  context_.report.rows += rows.size();
  for (const auto& order : std::set<std::string>(touched_.begin(), touched_.end())) {
    const auto row = rows.find(order);
    compare_row(order, row == rows.end() ? nullptr : &row->second);
  }
  if (context_.thorough)
    check_all_live(rows);
}

/// All rows of live reservations; those in `checked` were compared already.
void product_unit::check_all_live(const reservation_map& checked) {
  const auto live = find_live_reservations(context_.store, id_);
  context_.report.rows += live.size();
  for (const auto& [order, row] : live)
    if (!checked.contains(order))
      compare_row(order, &row);
  if (const auto sum = sum_of(live); sum != product_.reserved)
    context_.complain("I2", id_,
                      std::to_string(product_.reserved) + " are reserved, its live reservations hold "
                        + std::to_string(sum));
  for (const auto& order : find_reservations_of_nobody(context_.store, id_))
    context_.complain("I3", id_, "it is reserved for " + order + ", which is over or does not exist");
}

/// The rows of live and committed reservations are kept, others may have been removed. `row` may be null.
void product_unit::compare_row(const std::string& order, const product::reservation* row) {
  using enum product::reservation_status;
  const auto* reservation = find_reservation(order);
  if (row == nullptr) {
    if (reservation != nullptr && (reservation->status == live || reservation->status == committed))
      complain_of_row(order);
  } else if (reservation == nullptr || reservation->status != row->status || reservation->quantity != row->quantity) {
    complain_of_row(order);
  }
}

const product::reservation* product_unit::find_reservation(const std::string& order) const {
  const auto reservation = product_.reservations.find(order_id{order});
  return reservation == product_.reservations.end() ? nullptr : &reservation->second;
}

void product_unit::complain_of_row(const std::string& order) {
  context_.complain("I5", id_, "the row of the reservation for " + order + " is not what its events tell of");
}

} // namespace waybill
