#include "domain/payment.hpp"

#include "domain/base/currency.hpp"
#include "domain/base/errors.hpp"
#include "domain/base/transitions.hpp"

#include <array>

namespace waybill::payment {

namespace {

using events = std::vector<event>;
using outcome = result<events>;

// Where an intent leads follows from its operation, so each has a row of its own.
constexpr std::string_view intent_to_authorize = "payment.intent_recorded/authorize";
constexpr std::string_view intent_to_capture = "payment.intent_recorded/capture";
constexpr std::string_view intent_to_void = "payment.intent_recorded/void_authorization";
constexpr std::string_view intent_to_refund = "payment.intent_recorded/refund";

constexpr std::array transitions{
  transition<status>{intent_to_authorize, {status::none}, status::authorizing},
  transition<status>{intent_to_capture, {status::authorized}, status::capturing},
  transition<status>{intent_to_void, {status::authorized}, status::voiding},
  transition<status>{intent_to_refund, {status::captured}, status::captured},
  transition<status>{authorized::type, {status::authorizing}, status::authorized},
  transition<status>{declined::type, {status::authorizing}, status::declined},
  transition<status>{declined::type, {status::capturing, status::voiding}, status::authorized},
  transition<status>{declined::type, {status::captured}, status::captured},
  transition<status>{unknown::type, {status::authorizing}, status::authorizing},
  transition<status>{unknown::type, {status::capturing}, status::capturing},
  transition<status>{unknown::type, {status::voiding}, status::voiding},
  transition<status>{unknown::type, {status::captured}, status::captured},
  transition<status>{captured::type, {status::capturing}, status::captured},
  transition<status>{voided::type, {status::none, status::voiding}, status::voided},
  transition<status>{refunded::type, {status::captured}, status::captured},
};

constexpr std::string_view row_of(payment::operation operation) noexcept {
  switch (operation) {
    case payment::operation::authorize: return intent_to_authorize;
    case payment::operation::capture: return intent_to_capture;
    case payment::operation::void_authorization: return intent_to_void;
    case payment::operation::refund: return intent_to_refund;
  }
  return intent_to_refund;
}

template <class Event>
std::string_view row_of_event(const Event& e) {
  if constexpr (std::is_same_v<Event, intent_recorded>)
    return row_of(e.operation);
  else
    return Event::type;
}

struct decider {
  const state& current;

  template <class Event>
  outcome emit(Event e) const {
    const auto row = row_of_event(e);
    if (!find_transition<status>(transitions, current.status, row))
      return illegal<status>(transitions, row, current.status);
    events out;
    out.emplace_back(std::move(e));
    return out;
  }

  bool is_one_of(status_set<status> statuses) const { return statuses.contains(current.status); }

  std::string key_of(const payment_id& payment, payment::operation operation) const {
    return payment.value + "/" + std::string{waybill::name_of(operation)};
  }

  /// The intent to do `operation` with all that is authorised.
  intent_recorded intend(payment::operation operation) const {
    return {current.id,         current.order,  current.customer, operation, key_of(current.id, operation),
            current.authorized, current.method, current.token};
  }

  outcome operator()(const authorize& cmd) const {
    if (is_one_of({status::voiding, status::voided}))
      return illegal<status>(transitions, intent_to_authorize, current.status);
    if (current.status != status::none) {
      if (cmd.order != current.order || cmd.amount != current.amount)
        return failure{ec::idempotency_key_reused, "the payment was begun for another order or amount"};
      return events{};
    }
    // An order that was placed goes on, whatever its currency.
    if (cmd.amount.amount < 0 || !has_currency_form(cmd.amount.currency))
      return failure{ec::invalid_argument, "the amount is not valid"};
    return emit(intent_recorded{cmd.payment, cmd.order, cmd.customer, operation::authorize,
                                key_of(cmd.payment, operation::authorize), cmd.amount, cmd.method, cmd.token});
  }

  outcome operator()(const capture&) const {
    if (is_one_of({status::capturing, status::captured}))
      return events{};
    return emit(intend(operation::capture));
  }

  outcome operator()(const void_authorization& cmd) const {
    if (is_one_of({status::authorizing, status::declined, status::voiding, status::voided}))
      return events{};
    if (current.status == status::none)
      return emit(voided{money{}, cmd.payment});
    return emit(intend(operation::void_authorization));
  }

  outcome operator()(const give_back& cmd) const {
    if (const auto* earlier = find_refund(current, cmd.refund)) {
      if (earlier->amount != cmd.amount)
        return failure{ec::idempotency_key_reused, "the refund was begun with another amount"};
      return events{};
    }
    if (current.status != status::captured)
      return illegal<status>(transitions, intent_to_refund, current.status);
    if (current.under_way)
      return failure{ec::conflict, "another refund is under way"};
    if (cmd.amount.currency != current.captured.currency || cmd.amount.amount < 1
        || cmd.amount.amount > current.captured.amount - current.refunded.amount)
      return failure{ec::invalid_argument, "a refund is 1 to what was captured and not refunded"};
    auto intent = intend(operation::refund);
    intent.key += "/" + cmd.refund.value;
    intent.amount = cmd.amount;
    intent.refund = cmd.refund;
    return emit(std::move(intent));
  }

  bool is_about_another(const std::string& key) const {
    return current.under_way && !key.empty() && key != current.under_way->key;
  }

  outcome operator()(const record_approved& cmd) const {
    if (is_about_another(cmd.key))
      return illegal<status>(transitions, authorized::type, current.status, "another operation is under way");
    if (!current.under_way) {
      if (is_one_of({status::authorized, status::captured, status::voided}))
        return events{};
      return illegal<status>(transitions, authorized::type, current.status, "no operation is under way");
    }
    switch (current.under_way->operation) {
      case operation::authorize: return emit(authorized{current.under_way->amount, cmd.reference});
      case operation::capture: return emit(captured{current.under_way->amount});
      case operation::void_authorization: return emit(voided{current.authorized, current.id});
      case operation::refund:
        return emit(refunded{current.under_way->amount, current.under_way->refund.value_or(refund_id{})});
    }
    return failure{ec::internal, "the operation under way is unknown"};
  }

  outcome operator()(const record_declined& cmd) const {
    if (is_about_another(cmd.key))
      return illegal<status>(transitions, declined::type, current.status, "another operation is under way");
    if (current.under_way)
      return emit(declined{current.under_way->operation, cmd.reason.empty() ? "declined" : cmd.reason});
    if (!current.decline_reason.empty())
      return events{};
    return illegal<status>(transitions, declined::type, current.status, "no operation is under way");
  }

  outcome operator()(const record_unknown& cmd) const {
    if (is_about_another(cmd.key))
      return illegal<status>(transitions, unknown::type, current.status, "another operation is under way");
    if (!current.under_way)
      return illegal<status>(transitions, unknown::type, current.status, "no operation is under way");
    if (current.under_way->unknown)
      return events{};
    return emit(unknown{current.under_way->operation, current.under_way->key});
  }
};

struct applier {
  state& current;
  timestamp at;

  /// The outcome of the refund under way.
  void close_refund(refund_status status, const std::string& reason = {}) const {
    for (auto& refund : current.refunds)
      if (current.under_way && refund.id == current.under_way->refund) {
        refund.status = status;
        refund.reason = reason;
      }
  }

  void operator()(const intent_recorded& e) const {
    if (e.operation == operation::authorize) {
      current.id = e.payment;
      current.order = e.order;
      current.customer = e.customer;
      current.amount = e.amount;
      current.method = e.method;
      current.token = e.token;
      current.authorized = current.captured = current.refunded = {0, e.amount.currency};
    }
    if (e.refund)
      current.refunds.push_back({*e.refund, e.amount, refund_status::pending, {}});
    current.under_way = intent{e.operation, e.key, e.amount, false, at, e.refund};
  }
  void operator()(const authorized& e) const {
    current.authorized = e.amount;
    current.reference = e.reference;
    current.under_way.reset();
  }
  void operator()(const declined& e) const {
    current.decline_reason = e.reason;
    close_refund(refund_status::declined, e.reason);
    current.under_way.reset();
  }
  void operator()(const unknown&) const {
    if (current.under_way)
      current.under_way->unknown = true;
  }
  void operator()(const captured& e) const {
    current.captured = e.amount;
    current.under_way.reset();
  }
  void operator()(const voided& e) const {
    if (current.version == 0)
      current.id = e.payment;
    current.authorized.amount = current.captured.amount;
    current.under_way.reset();
  }
  void operator()(const refunded& e) const {
    current.refunded.amount += e.amount.amount;
    close_refund(refund_status::refunded);
    current.under_way.reset();
  }
};

} // namespace

result<std::vector<event>> decide(const state& current, const command& cmd, timestamp) {
  return std::visit(decider{current}, cmd);
}

void apply(state& current, const event& recorded, timestamp at) {
  const auto row = std::visit([](const auto& e) { return row_of_event(e); }, recorded);
  const auto next = find_transition<status>(transitions, current.status, row).value_or(current.status);
  std::visit(applier{current, at}, recorded);
  current.status = next;
  touch(current, at);
}

const refund* find_refund(const state& current, const refund_id& id) noexcept {
  for (const auto& refund : current.refunds)
    if (refund.id == id)
      return &refund;
  return nullptr;
}

bool is_at_rest(const state& current) noexcept {
  return !current.under_way.has_value();
}

} // namespace waybill::payment
