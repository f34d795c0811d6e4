#include "domain/diagnosis/timeline.hpp"

#include "domain/base/errors.hpp"
#include "domain/delivery.hpp"
#include "domain/json/codec.hpp"
#include "domain/order_view/history.hpp"
#include "domain/payment.hpp"

#include <algorithm>
#include <map>
#include <numeric>

namespace waybill::diagnosis {

namespace {

/// Follows a record and gives every moment to one step and one part.
class timekeeper {
public:
  result<void> add(const recorded_event& next) {
    at_ = std::max(at_, next.at);
    if (next.type.starts_with("order."))
      return follow<order::event>(next);
    if (next.type.starts_with("payment."))
      return follow<payment::event>(next);
    if (next.type.starts_with("delivery."))
      return follow<delivery::event>(next);
    return {};
  }

  result<timeline> finish(timestamp now) {
    const auto& order = history_.present();
    if (order.version == 0)
      return failure{ec::not_found, "there is no order in this record"};
    at_ = std::max(at_, now);
    spend_until(at_);
    for (auto& attempt : offers_) {
      close_open(attempt);
      place_of(attempt).attempts.push_back(std::move(attempt));
    }
    for (auto& step : whole_.steps)
      for (auto& attempt : step.attempts)
        close_open(attempt);
    whole_.order = order.id;
    whole_.status = order.status;
    whole_.from = order.created_at;
    for (const auto& step : whole_.steps)
      whole_.took += step.took;
    return std::move(whole_);
  }

private:
  template <class Event>
  result<void> follow(const recorded_event& next) {
    const auto event = decode_event<Event>(next.type, next.schema, next.data);
    if (event.has_error())
      return event.error();
    spend_until(at_);
    if constexpr (std::is_same_v<Event, order::event>)
      take(*event);
    else
      std::visit([&](const auto& alternative) { take(alternative, next.stream); }, *event);
    return {};
  }

  // -- what happened --------------------------------------------------------------------------------------------------

  void take(const order::event& event) {
    history_.add(event, at_);
    const auto reason = history_.reason();
    if (!whole_.steps.empty() && !whole_.steps.back().ended) {
      if (whole_.steps.back().reason == reason)
        return;
      whole_.steps.back().ended = true;
    }
    if (reason != order::waiting::nothing)
      whole_.steps.push_back({.reason = reason, .from = at_});
  }

  void take(const payment::intent_recorded& event, const std::string& stream) {
    begin_operation(stream, std::string{name_of(event.operation)}, 1, event.key);
  }
  void take(const payment::unknown& event, const std::string& stream) {
    // The provider is asked for the outcome by the same key until it says.
    const auto number = end_operation(stream, "no_answer", {});
    begin_operation(stream, std::string{name_of(event.operation)}, number + 1, event.key);
  }
  void take(const payment::declined& event, const std::string& stream) {
    end_operation(stream, "declined", event.reason);
  }
  void take(const payment::authorized&, const std::string& stream) { end_operation(stream, "authorized", {}); }
  void take(const payment::captured&, const std::string& stream) { end_operation(stream, "captured", {}); }
  void take(const payment::voided&, const std::string& stream) { end_operation(stream, "voided", {}); }
  void take(const payment::refunded&, const std::string& stream) { end_operation(stream, "refunded", {}); }

  void take(const delivery::requested&, const std::string&) { courier_ = spent_on::courier_search; }
  void take(const delivery::offered& event, const std::string&) {
    courier_ = spent_on::courier;
    offers_.push_back({.of = "offer", .number = event.attempt, .asked = event.courier.value, .from = at_});
  }
  void take(const delivery::assigned&, const std::string&) { courier_ = spent_on::courier; }
  void take(const delivery::started&, const std::string&) { courier_ = spent_on::courier; }
  void take(const delivery::declined& event, const std::string&) {
    courier_ = spent_on::courier_search;
    end_offer("declined", event.reason);
  }
  void take(const delivery::aborted& event, const std::string&) {
    courier_ = spent_on::courier_search;
    end_offer("aborted", event.reason);
  }
  void take(const delivery::completed&, const std::string&) {
    courier_ = spent_on::waybill;
    end_offer("completed", {});
    whole_.delivered_after = at_ - history_.present().created_at;
  }
  void take(const delivery::failed&, const std::string&) { courier_ = spent_on::waybill; }
  void take(const delivery::cancelled&, const std::string&) {
    courier_ = spent_on::waybill;
    end_offer("cancelled", {});
  }

  // -- attempts -------------------------------------------------------------------------------------------------------

  struct open_operation {
    std::size_t step = 0;
    std::size_t attempt = 0;
  };

  void begin_operation(const std::string& stream, std::string operation, std::uint32_t number, const std::string& key) {
    if (whole_.steps.empty())
      return;
    auto& attempts = whole_.steps.back().attempts;
    operations_[stream] = {whole_.steps.size() - 1, attempts.size()};
    attempts.push_back({.of = std::move(operation), .number = number, .asked = key, .from = at_});
  }

  /// The number of the attempt that has ended; zero when there was none.
  std::uint32_t end_operation(const std::string& stream, std::string outcome, const std::string& reason) {
    const auto open = operations_.find(stream);
    if (open == operations_.end())
      return 0;
    auto& attempt = whole_.steps[open->second.step].attempts[open->second.attempt];
    end(attempt, std::move(outcome), reason);
    operations_.erase(open);
    return attempt.number;
  }

  void end_offer(std::string outcome, const std::string& reason) {
    if (!offers_.empty() && offers_.back().outcome.empty())
      end(offers_.back(), std::move(outcome), reason);
  }

  void end(timeline_attempt& attempt, std::string outcome, const std::string& reason) const {
    attempt.took = at_ - attempt.from;
    attempt.outcome = std::move(outcome);
    attempt.reason = reason;
  }

  void close_open(timeline_attempt& attempt) const {
    if (attempt.outcome.empty())
      attempt.took = at_ - attempt.from;
  }

  /// A quick courier is asked before the order has recorded that its delivery was accepted: the offer belongs to the
  /// step that waits for a courier all the same.
  timeline_step& place_of(const timeline_attempt& offer) {
    timeline_step* place = nullptr;
    for (auto& step : whole_.steps) {
      if (step.reason == order::waiting::courier && (place == nullptr || step.from <= offer.from))
        place = &step;
    }
    if (place != nullptr)
      return *place;
    const auto later = std::ranges::find_if(whole_.steps, [&](const auto& step) { return step.from > offer.from; });
    return later == whole_.steps.begin() ? whole_.steps.front() : *std::prev(later);
  }

  // -- time -----------------------------------------------------------------------------------------------------------

  void spend_until(timestamp until) {
    if (whole_.steps.empty() || whole_.steps.back().ended)
      return;
    auto& step = whole_.steps.back();
    const auto& order = history_.present();
    if (step.reason == order::waiting::dispatch && order.dispatch_at && *order.dispatch_at > step.from + step.took)
      spend(step, spent_on::grace, std::min(until, *order.dispatch_at));
    spend(step, spent_now(step.reason), until);
  }

  static void spend(timeline_step& step, spent_on purpose, timestamp until) {
    const auto from = step.from + step.took;
    if (until <= from)
      return;
    if (step.parts.empty() || step.parts.back().on != purpose)
      step.parts.push_back({purpose, from, {}});
    step.parts.back().took += until - from;
    step.took += until - from;
  }

  [[nodiscard]] spent_on spent_now(order::waiting reason) const {
    switch (reason) {
      case order::waiting::release: return spent_on::hold;
      case order::waiting::attention: return spent_on::attention;
      case order::waiting::courier: return courier_;
      case order::waiting::payer: return spent_on::payer;
      case order::waiting::nothing:
      case order::waiting::stock:
      case order::waiting::dispatch: return spent_on::waybill;
      case order::waiting::payment:
      case order::waiting::revision:
      case order::waiting::settlement:
      case order::waiting::compensation:
      case order::waiting::refund: break;
    }
    return operations_.empty() ? spent_on::waybill : spent_on::provider;
  }

  timeline whole_;
  order::history history_;
  timestamp at_;
  /// The operations under way at the provider, by payment.
  std::map<std::string, open_operation> operations_;
  std::vector<timeline_attempt> offers_;
  spent_on courier_ = spent_on::waybill;
};

} // namespace

share share_of(spent_on purpose) noexcept {
  switch (purpose) {
    case spent_on::waybill: return share::inside;
    case spent_on::provider:
    case spent_on::courier: return share::outside;
    case spent_on::courier_search:
    case spent_on::payer:
    case spent_on::grace:
    case spent_on::hold:
    case spent_on::attention: return share::waiting;
  }
  return share::inside;
}

microseconds sum_of(const timeline_step& step, share which) noexcept {
  microseconds sum{0};
  for (const auto& part : step.parts)
    if (share_of(part.on) == which)
      sum += part.took;
  return sum;
}

microseconds sum_of(const timeline& whole, share which) noexcept {
  microseconds sum{0};
  for (const auto& step : whole.steps)
    sum += sum_of(step, which);
  return sum;
}

result<timeline> timeline_of(const record& events, timestamp now) {
  timekeeper keeper;
  for (const auto& event : events)
    if (auto taken = keeper.add(event); taken.has_error())
      return taken.error();
  return keeper.finish(now);
}

} // namespace waybill::diagnosis
