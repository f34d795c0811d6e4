#include "persistence/audit/audit_check.hpp"

#include "domain/base/codec.hpp"
#include "persistence/queries/log_reader.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <filesystem>
#include <set>

namespace waybill {

namespace {

constexpr std::string_view ledger_prefix = "ledger:";

constexpr payment::operation operations[] = {payment::operation::authorize, payment::operation::capture,
                                             payment::operation::void_authorization, payment::operation::refund};

std::string key_of(const std::string& payment, payment::operation what) {
  return payment + "/" + std::string{name_of(what)};
}

template <class State>
State& state_of(State& current) {
  return current;
}

payment::state& state_of(invariants::payment_history& current) {
  return current.state;
}

bool is_over(payment::status s) {
  return s == payment::status::captured || s == payment::status::voided || s == payment::status::declined;
}

} // namespace

audit_check::audit_check(const store_config& store, std::optional<store_config> ledger, audit_limits limits)
  : store_{store, access::read}, ledger_config_{std::move(ledger)}, limits_{limits} {
  if (ledger_config_)
    ledger_.emplace(*ledger_config_, access::read);
}

template <class Function>
auto audit_check::guarded(Function what) -> result<decltype(what())> {
  const connection::time_limit limit{store_};
  std::optional<connection::time_limit> ledger_limit;
  if (ledger_)
    ledger_limit.emplace(*ledger_);
  try {
    connection::require_reachable();
    return what();
  } catch (const std::exception&) {
    auto reason = store_.explain(std::current_exception());
    store_.disconnect();
    if (ledger_)
      ledger_->disconnect();
    ledger_is_there_ = false;
    followed_.clear();
    return reason;
  }
}

/// What does not hold is looked at again: something that only seemed so is gone then, or is another thing.
result<audit_unit_report> audit_check::check(const check_audit_unit& wanted) {
  return guarded([&] {
    auto report = check_once(wanted);
    if (report.found.empty())
      return report;
    const auto again = check_once(wanted);
    std::erase_if(report.found, [&](const violation& one) {
      return std::find(again.found.begin(), again.found.end(), one) == again.found.end();
    });
    report.rows += again.rows;
    // Go on from what is stored then, instead of finding the same for ever.
    if (!report.found.empty())
      followed_.erase(wanted.id);
    return report;
  });
}

result<audit_unit_page> audit_check::list(const list_audit_units& wanted) {
  return guarded([&] {
    audit_unit_page page;
    const bool in_ledger = wanted.after.starts_with(ledger_prefix);
    if (!in_ledger)
      page.units = list_audited(store_, wanted.after, wanted.limit);
    if (!page.units.empty() || ledger() == nullptr)
      return page;
    page.units = list_audited(*ledger(), in_ledger ? wanted.after.substr(ledger_prefix.size()) : "", wanted.limit);
    for (auto& key : page.units)
      key.insert(0, ledger_prefix);
    return page;
  });
}

result<log_page> audit_check::read(const read_log& wanted) {
  return to_log_answer(guarded([&] { return read_log_page(store_, wanted); }));
}

audit_unit_report audit_check::check_once(const check_audit_unit& wanted) {
  report_ = {};
  cut_.clear();
  thorough_ = wanted.thorough;
  const auto unit = audit_unit_of(wanted.id);
  if (wanted.id.starts_with(ledger_prefix))
    check_ledger_entry(wanted.id.substr(ledger_prefix.size()));
  else if (unit != wanted.id && find_audited(store_, unit))
    ++report_.rows; // a part of an order, which is checked with it
  else if (is_id(unit, order_id::prefix()))
    check_order(unit);
  else if (is_id(unit, product_id::prefix()))
    check_product(unit);
  else
    check_stream(unit);
  return std::move(report_);
}

void audit_check::complain(const char* invariant, const std::string& subject, std::string detail) {
  report_.found.push_back({invariant, subject, std::move(detail)});
}

/// Null while there is none: the provider may not have started yet.
connection* audit_check::ledger() {
  if (!ledger_)
    return nullptr;
  if (!ledger_is_there_) {
    // To connect to a file that is not there would make it.
    constexpr std::string_view sqlite = "sqlite:";
    const auto& url = ledger_config_->url;
    const bool absent = url.starts_with(sqlite) && !std::filesystem::exists(url.substr(sqlite.size()));
    ledger_is_there_ = !absent && has_tables(*ledger_);
  }
  return ledger_is_there_ ? &*ledger_ : nullptr;
}

// -- replaying --------------------------------------------------------------------------------------------------------

/// Follows `events` behind `current` and compares with the stored state where the two meet (I4, I5). False when the
/// stream cannot be followed to its end.
template <class Event, class Current>
bool audit_check::replay(const std::string& id, const std::vector<stored_event>& events, const audited_entity* stored,
                         Current& current) {
  using state_type = std::remove_reference_t<decltype(state_of(current))>;
  report_.rows += events.size();
  report_.events += events.size();
  for (const auto& item : events) {
    auto& state = state_of(current);
    if (item.version != state.version + 1) {
      complain("I4", id,
               "its stream has version " + std::to_string(item.version) + " where " + std::to_string(state.version + 1)
                 + " is due");
      return false;
    }
    const auto event = decode_event<Event>(item.type, item.schema, item.data);
    if (!event) {
      complain("I5", id, "version " + std::to_string(item.version) + " cannot be read: " + event.error().detail);
      return false;
    }
    invariants::follow(current, *event, item.at, report_.found);
    if (stored == nullptr || stored->version != state.version)
      continue;
    if (const auto kept = decode<state_type>(stored->state); kept)
      invariants::compare_with_stored(id, state, *kept, report_.found);
    else
      complain("I5", id, "its stored state cannot be read: " + kept.error().detail);
  }
  return true;
}

// Used in product_check.cpp too.
template bool audit_check::replay<product::event>(const std::string&, const std::vector<stored_event>&,
                                                  const audited_entity*, product::state&);

/// What is left of a stream must be without a gap (I4), and leads on from the stored state, which is taken on trust.
template <class Event, class Current>
void audit_check::go_on_from_stored(const std::string& id, const std::vector<stored_event>& events,
                                    const audited_entity& stored, Current& current) {
  auto& state = state_of(current);
  auto kept = decode<std::remove_reference_t<decltype(state)>>(stored.state);
  if (!kept) {
    complain("I5", id, "its stored state cannot be read: " + kept.error().detail);
    return;
  }
  state = std::move(*kept);
  report_.rows += events.size();
  auto due = events.empty() ? 0 : events.front().version;
  for (const auto& item : events) {
    if (item.version != due++) {
      complain("I4", id,
               "its stream has version " + std::to_string(item.version) + " where " + std::to_string(due - 1)
                 + " is due");
      return;
    }
    if (item.version <= state.version)
      continue;
    const auto event = decode_event<Event>(item.type, item.schema, item.data);
    if (!event) {
      complain("I5", id, "version " + std::to_string(item.version) + " cannot be read: " + event.error().detail);
      return;
    }
    apply(state, *event, item.at);
    ++report_.events;
  }
}

/// A whole stream that is short. What is stored is read first: it cannot be newer than the events then.
template <class Event, class Current>
std::optional<audited_entity> audit_check::replay_all(const std::string& id, Current& current) {
  auto stored = find_audited(store_, id);
  report_.rows += stored ? 1 : 0;
  const auto events = read_stream(store_, id, 0);
  if (is_cut(id, events.empty() ? 0 : events.front().version, stored ? &*stored : nullptr)) {
    if (stored)
      go_on_from_stored<Event>(id, events, *stored, current);
    return stored;
  }
  if (!replay<Event>(id, events, stored ? &*stored : nullptr, current))
    return stored;
  const auto end = state_of(current).version;
  if (stored && stored->version > end)
    complain("I4", id,
             "the stored state is of version " + std::to_string(stored->version) + ", its stream ends at "
               + std::to_string(end));
  if (!stored && end > 0)
    complain("I5", id, "there are events, but no stored state");
  return stored;
}

/// Of an entity whose life is over; the state that is stored may be an older one, but not one that asks for work.
void audit_check::must_be_finished(const std::string& id, const std::optional<audited_entity>& stored) {
  if (!stored || (!stored->unfinished && !stored->has_timer))
    return;
  // What was read before the events may have been replaced since.
  const auto now = find_audited(store_, id);
  if (now && (now->unfinished || now->has_timer))
    complain("I3", id,
             std::string{"its life is over, but it keeps "} + (now->has_timer ? "a timer" : "a mark of work"));
}

// -- orders -----------------------------------------------------------------------------------------------------------

/// The order is read before what belongs to it, and the ledger before the payment: what a final order held was given
/// back before it became final, and what the provider has was intended here before.
void audit_check::check_order(const std::string& id) {
  order::state order;
  const auto stored = replay_all<order::event>(id, order);
  if (stored)
    check_order_row(id, *stored);
  const auto dlv = sibling_id<delivery_id>(order_id{id}).value;
  const auto payments = check_payments(id, order);
  delivery::state delivery;
  const auto stored_delivery = replay_all<delivery::event>(dlv, delivery);
  if (delivery::is_final(delivery.status))
    must_be_finished(dlv, stored_delivery);
  if (order.version == 0) {
    if (payments.front().state.version > 0 || delivery.version > 0)
      complain("I5", id, "there is a payment or a delivery of it, but no such order");
  } else if (order::is_final(order.status)) {
    if (!order::has_work(order))
      must_be_finished(id, stored);
    check_holdings(order, payments, delivery.version > 0 ? &delivery : nullptr);
  }
}

/// The order's payments, by the number of the revision that they were made for.
std::vector<invariants::payment_history> audit_check::check_payments(const std::string& id, const order::state& order) {
  std::vector<std::string> ids;
  for (std::uint32_t number = 0; number <= (order.revisions ? order.revisions->last : 0); ++number)
    ids.push_back(order::payment_of(order_id{id}, number).value);
  std::map<std::string, ledger_row> theirs;
  if (auto* books = ledger()) {
    std::vector<std::string> keys;
    for (const auto& pay : ids)
      for (const auto what : operations)
        keys.push_back(key_of(pay, what));
    theirs = find_ledger_rows(*books, keys);
    report_.rows += theirs.size();
  }
  std::vector<invariants::payment_history> payments;
  for (const auto& pay : ids) {
    auto& payment = payments.emplace_back();
    const auto stored = replay_all<payment::event>(pay, payment);
    check_ledger(pay, payment.state.version > 0 ? &payment : nullptr, theirs);
    if (is_over(payment.state.status) && payment::is_at_rest(payment.state))
      must_be_finished(pay, stored);
  }
  return payments;
}

/// The list's row and the marks were written together with the stored state or later, without a change of status.
void audit_check::check_order_row(const std::string& id, const audited_entity& stored) {
  const auto kept = decode<order::state>(stored.state);
  if (!kept)
    return;
  const auto& row = stored.listed_order;
  ++report_.rows;
  if (!row || row->customer != kept->customer.value || row->status != name_of(kept->status)
      || row->created_at != kept->created_at)
    complain("I5", id, "the list of orders contradicts the stored order");
  const bool rests = !order::has_work(*kept);
  if (rests == stored.unfinished)
    complain("I3", id, "it is " + std::string{name_of(kept->status)} + ", and its mark of work says otherwise");
  else if (rests && stored.has_timer)
    complain("I3", id, "it is " + std::string{name_of(kept->status)} + " and keeps a timer");
}

void audit_check::check_holdings(const order::state& order, const std::vector<invariants::payment_history>& payments,
                                 const delivery::state* delivery) {
  const auto revised = order.revisions.value_or(order::revisions{});
  for (std::uint32_t number = 0; number < payments.size(); ++number) {
    const auto* payment = payments[number].state.version > 0 ? &payments[number].state : nullptr;
    if (number == revised.payment)
      invariants::check_final_order(order, payment, delivery, report_.found);
    else if (payment != nullptr)
      invariants::check_spare_payment(order, *payment, report_.found);
  }
  std::vector<std::string> products;
  for (const auto& line : order.lines)
    products.push_back(line.product.value);
  std::sort(products.begin(), products.end());
  products.erase(std::unique(products.begin(), products.end()), products.end());
  for (std::uint32_t number = 0; number <= revised.last; ++number) {
    report_.rows += products.size();
    const auto holder = order::reservation_of(order.id, number);
    for (const auto& product : find_held_products(store_, holder.value, products))
      complain("I3", order.id.value,
               "it is " + std::string{name_of(order.status)} + ", and " + product + " is still reserved for it");
  }
}

// -- the provider's ledger --------------------------------------------------------------------------------------------

void audit_check::compare_entry(const std::string& key, const invariants::provider_operation* ours,
                                const ledger_row* theirs) {
  if (theirs == nullptr) {
    invariants::compare_with_ledger(key, ours, nullptr, report_.found);
    return;
  }
  if (theirs->version != 1)
    complain("I6", key, "the provider did it " + std::to_string(theirs->version) + " times");
  const auto entry = decode<ledger_entry>(theirs->state);
  if (!entry) {
    complain("I7", key, "the provider's entry cannot be read: " + entry.error().detail);
    return;
  }
  invariants::compare_with_ledger(key, ours, &*entry, report_.found);
}

void audit_check::check_ledger(const std::string& payment, const invariants::payment_history* ours,
                               const std::map<std::string, ledger_row>& theirs) {
  auto* books = ledger();
  // What was intended is no longer to be found.
  if (books == nullptr || cut_.contains(payment))
    return;
  std::set<std::string> keys;
  for (const auto what : operations)
    keys.insert(key_of(payment, what));
  // Each refund has a key of its own.
  if (ours != nullptr)
    for (const auto& [key, operation] : ours->operations)
      keys.insert(key);
  for (const auto& key : keys) {
    const invariants::provider_operation* operation = nullptr;
    if (ours != nullptr)
      if (const auto found = ours->operations.find(key); found != ours->operations.end())
        operation = &found->second;
    if (const auto entry = theirs.find(key); entry != theirs.end()) {
      compare_entry(key, operation, &entry->second);
    } else if (operation != nullptr && !operation->is_open()) {
      // Done after the ledger was read, most likely.
      const auto now = find_ledger_rows(*books, {key});
      ++report_.rows;
      compare_entry(key, operation, now.empty() ? nullptr : &now.begin()->second);
    }
  }
}

/// The other way round: an entry for which nobody asked.
void audit_check::check_ledger_entry(const std::string& key) {
  auto* books = ledger();
  if (books == nullptr)
    return;
  const auto theirs = find_ledger_rows(*books, {key});
  if (theirs.empty())
    return;
  const auto pay = key.substr(0, key.find('/'));
  invariants::payment_history payment;
  const auto stored = find_audited(store_, pay);
  const auto events = read_stream(store_, pay, 0);
  if (is_cut(pay, events.empty() ? 0 : events.front().version, stored ? &*stored : nullptr))
    return;
  if (!replay<payment::event>(pay, events, nullptr, payment))
    return;
  const auto ours = payment.operations.find(key);
  compare_entry(key, ours == payment.operations.end() ? nullptr : &ours->second, &theirs.begin()->second);
}

audit_check::followed_stream& audit_check::follow(const std::string& id) {
  if (followed_.size() >= limits_.most_followed && !followed_.contains(id)) {
    const auto oldest = std::min_element(followed_.begin(), followed_.end(), [](const auto& x, const auto& y) {
      return x.second.last_seen < y.second.last_seen;
    });
    followed_.erase(oldest);
  }
  auto& found = followed_[id];
  found.last_seen = ++looks_;
  return found;
}

} // namespace waybill
