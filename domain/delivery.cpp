#include "domain/delivery.hpp"

#include "domain/base/errors.hpp"
#include "domain/base/transitions.hpp"

#include <algorithm>
#include <array>

namespace waybill::delivery {

namespace {

using events = std::vector<event>;
using outcome = result<events>;

constexpr std::array transitions{
  transition<status>{requested::type, {status::none}, status::requested},
  transition<status>{offered::type, {status::requested}, status::offered},
  transition<status>{declined::type, {status::offered}, status::requested},
  transition<status>{assigned::type, {status::offered}, status::assigned},
  transition<status>{started::type, {status::assigned}, status::started},
  transition<status>{aborted::type, {status::assigned, status::started}, status::requested},
  transition<status>{completed::type, {status::started}, status::completed},
  transition<status>{failed::type, {status::requested}, status::failed},
  transition<status>{
    cancelled::type, {status::none, status::requested, status::offered, status::assigned}, status::cancelled},
};

bool is_with_person(const state& current) {
  return current.to_person.value_or(false);
}

milliseconds limit_in(status step, bool to_person, const settings& options) {
  const auto& people = options.people;
  switch (step) {
    case status::offered: return to_person ? people.answer_within : options.answer_within;
    case status::assigned: return to_person ? people.start_within : options.start_within;
    case status::started: return to_person ? people.finish_within : options.finish_within;
    default: return options.find_within;
  }
}

struct decider {
  const state& current;
  timestamp now;
  const settings& options;

  template <class Event>
  outcome emit(Event e) const {
    if (!find_transition<status>(transitions, current.status, Event::type))
      return illegal<status>(transitions, Event::type, current.status);
    events out;
    out.emplace_back(std::move(e));
    return out;
  }

  /// `e` ends an attempt; the last one ends the delivery.
  template <class Event>
  outcome emit_end_of_attempt(Event e) const {
    auto out = emit(std::move(e));
    if (out && current.attempt >= options.max_attempts)
      out->emplace_back(failed{"no courier completed it"});
    return out;
  }

  /// For the courier at hand.
  milliseconds limit_of(status step) const { return limit_in(step, is_with_person(current), options); }

  bool is_one_of(status_set<status> statuses) const { return statuses.contains(current.status); }

  /// The current attempt came to nothing.
  bool attempt_is_over() const { return current.attempt > 0 && is_one_of({status::requested, status::failed}); }

  /// A failure when a courier's word is about another attempt than the current one.
  std::optional<failure> check_attempt(std::uint32_t attempt) const {
    if (attempt == current.attempt)
      return std::nullopt;
    return failure{ec::conflict, "attempt " + std::to_string(attempt) + " is not the current one, "
                                   + std::to_string(current.attempt)};
  }

  /// The same for words that go on with the attempt: they come too late when it is over.
  std::optional<failure> check_attempt_goes_on(std::uint32_t attempt) const {
    if (auto lost = check_attempt(attempt))
      return lost;
    if (attempt_is_over())
      return failure{ec::conflict, "attempt " + std::to_string(attempt) + " is over"};
    return std::nullopt;
  }

  outcome operator()(const request& cmd) const {
    if (current.status == status::none)
      return emit(requested{cmd.delivery, cmd.order, cmd.customer, cmd.name, cmd.address});
    if (current.status == status::cancelled)
      return illegal<status>(transitions, requested::type, current.status);
    if (cmd.order != current.order || cmd.name != current.name || cmd.address != current.address)
      return failure{ec::idempotency_key_reused, "the delivery was requested for something else"};
    return events{};
  }

  outcome operator()(const offer& cmd) const {
    if (current.status == status::offered && cmd.courier == current.courier)
      return events{};
    if (current.status == status::requested && current.attempt >= options.max_attempts)
      return emit(failed{"no courier completed it"});
    return emit(offered{current.attempt + 1, cmd.courier,
                        now + limit_in(status::offered, cmd.to_person, options),
                        cmd.to_person ? std::optional{true} : std::nullopt});
  }

  outcome operator()(const accept& cmd) const {
    if (auto lost = check_attempt_goes_on(cmd.attempt))
      return *lost;
    if (is_one_of({status::assigned, status::started, status::completed}))
      return events{};
    return emit(assigned{current.attempt, current.courier, now + limit_of(status::assigned)});
  }

  outcome operator()(const decline& cmd) const {
    if (auto lost = check_attempt(cmd.attempt))
      return *lost;
    if (attempt_is_over())
      return events{};
    return emit_end_of_attempt(declined{current.attempt, current.courier, cmd.reason});
  }

  outcome operator()(const start& cmd) const {
    if (auto lost = check_attempt_goes_on(cmd.attempt))
      return *lost;
    if (is_one_of({status::started, status::completed}))
      return events{};
    return emit(started{current.attempt, current.courier, now + limit_of(status::started)});
  }

  outcome operator()(const complete& cmd) const {
    if (auto lost = check_attempt_goes_on(cmd.attempt))
      return *lost;
    if (current.status == status::completed)
      return events{};
    return emit(completed{current.attempt, current.courier});
  }

  outcome operator()(const abort& cmd) const {
    if (auto lost = check_attempt(cmd.attempt))
      return *lost;
    if (attempt_is_over())
      return events{};
    return emit_end_of_attempt(aborted{current.attempt, current.courier, cmd.reason});
  }

  outcome operator()(const give_up_attempt&) const {
    if (!current.step_by || now < *current.step_by)
      return events{};
    if (current.status == status::offered)
      return emit_end_of_attempt(declined{current.attempt, current.courier, "no answer"});
    return emit_end_of_attempt(aborted{current.attempt, current.courier, "the courier vanished"});
  }

  outcome operator()(const give_up_search&) const {
    const auto end = search_ends(current, options);
    if (!end || now < *end)
      return events{};
    return emit(failed{"no courier was found in time"});
  }

  outcome operator()(const cancel& cmd) const {
    // Of a delivery that failed, what `cancel` asks for holds as well: nobody will bring anything.
    if (is_one_of({status::cancelled, status::failed}))
      return events{};
    return emit(cancelled{cmd.delivery, current.courier});
  }
};

struct applier {
  state& current;

  void remember(const courier_id& courier) const {
    if (std::find(current.tried.begin(), current.tried.end(), courier) == current.tried.end())
      current.tried.push_back(courier);
  }

  /// The courier lost the job and is asked last from now on.
  void end_attempt(const courier_id& courier, const std::string& reason) const {
    remember(courier);
    current.courier = {};
    current.reason = reason;
    current.step_by.reset();
  }

  void operator()(const requested& e) const {
    current.id = e.delivery;
    current.order = e.order;
    current.customer = e.customer;
    current.name = e.name;
    current.address = e.address;
  }
  void operator()(const offered& e) const {
    current.attempt = e.attempt;
    current.courier = e.courier;
    current.reason.clear();
    current.step_by = e.step_by;
    if (e.to_person || current.to_person)
      current.to_person = e.to_person.value_or(false);
  }
  void operator()(const declined& e) const { end_attempt(e.courier, e.reason); }
  void operator()(const assigned& e) const { current.step_by = e.step_by; }
  void operator()(const started& e) const { current.step_by = e.step_by; }
  void operator()(const aborted& e) const { end_attempt(e.courier, e.reason); }
  void operator()(const completed& e) const {
    current.courier = e.courier;
    current.step_by.reset();
  }
  void operator()(const failed& e) const {
    current.reason = e.reason;
    current.step_by.reset();
  }
  void operator()(const cancelled& e) const {
    if (current.version == 0)
      current.id = e.delivery;
    if (!e.courier.empty())
      remember(e.courier);
    current.courier = {};
    current.step_by.reset();
  }
};

} // namespace

bool is_final(status s) noexcept {
  return s == status::completed || s == status::failed || s == status::cancelled;
}

bool word_is_kept(const state& current) noexcept {
  // Orders ask for five seconds: even with clocks that are apart none stops asking before.
  constexpr milliseconds quick{1'000};
  const bool has_news = current.status == status::completed || current.status == status::failed;
  return has_news && !current.order.empty() && current.updated_at - current.created_at > quick;
}

std::optional<timestamp> search_ends(const state& current, const settings& options) noexcept {
  if (current.status != status::requested)
    return std::nullopt;
  return current.created_at + options.find_within;
}

milliseconds step_limit(const state& current, const settings& options) noexcept {
  return limit_in(current.status, is_with_person(current), options);
}

result<std::vector<event>> decide(const state& current, const command& cmd, timestamp now, const settings& options) {
  return std::visit(decider{current, now, options}, cmd);
}

void apply(state& current, const event& recorded, timestamp at) {
  const auto next = std::visit(
    [&]<class Event>(const Event&) {
      return find_transition<status>(transitions, current.status, Event::type).value_or(current.status);
    },
    recorded);
  std::visit(applier{current}, recorded);
  current.status = next;
  touch(current, at);
}

} // namespace waybill::delivery
