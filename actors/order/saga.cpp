#include "actors/order/saga.hpp"

#include "domain/base/errors.hpp"
#include "domain/json/codec.hpp"

#include <algorithm>

namespace waybill {

namespace {

/// Null for a request that does not concern stock.
const product_id* product_of(const order_request& request) {
  const auto* stock = std::get_if<stock_request>(&request);
  return stock == nullptr ? nullptr : std::visit([](const auto& message) { return &message.product; }, *stock);
}

/// The other side has not got to it.
bool is_unreachable(const failure& reason) {
  return reason.code == ec::unavailable || reason.code == ec::timed_out || reason.code == ec::moved;
}

/// One step after the other, not side by side.
bool goes_in_turn(const order::state& order) {
  return is_compensating(order) || order::is_revising(order);
}

} // namespace

// -- inputs -----------------------------------------------------------------------------------------------------------

saga_actions order_saga::follow(const order::state& order, timestamp now) {
  const auto due = order::due_steps(order);
  if (!is_about(due)) {
    steps_.clear();
    steps_.reserve(due.size());
    for (const auto step : due)
      steps_.push_back({step});
    captured_ = voided_ = {};
  }
  follow_refunds(order);
  reaction to{order, now};
  begin_steps(to);
  return std::move(to.actions);
}

saga_actions order_saga::on_answer(const order::state& order, timestamp now, saga_attempt attempt,
                                   const stock_answer& answer) {
  auto* progress = find(attempt);
  if (progress == nullptr)
    return {};
  const bool decides = is_rejection(attempt.step, answer) || progress->note_answer(answer.product);
  if (!decides)
    return {};
  reaction to{order, now};
  apply(to, *progress, verdict_on(attempt.step, order, answer));
  return std::move(to.actions);
}

saga_actions order_saga::on_answer(const order::state& order, timestamp now, saga_attempt attempt,
                                   const payment::state& payment) {
  auto* progress = find(attempt);
  if (progress == nullptr)
    return {};
  auto verdict = attempt.step == order::step::refund_payment ? verdict_on_refund(order, refund_, payment)
                                                             : verdict_on(attempt.step, order, payment);
  const bool done = verdict.outcome == step_verdict::kind::done;
  if (done && attempt.step == order::step::capture_payment)
    captured_ = payment.captured;
  if (done && attempt.step == order::step::void_payment)
    voided_ = order.authorized;
  reaction to{order, now};
  apply(to, *progress, std::move(verdict));
  return std::move(to.actions);
}

saga_actions order_saga::on_answer(const order::state& order, timestamp now, saga_attempt attempt,
                                   const delivery::state& delivery) {
  auto* progress = find(attempt);
  if (progress == nullptr)
    return {};
  reaction to{order, now};
  apply(to, *progress, verdict_on(attempt.step, order, delivery));
  return std::move(to.actions);
}

saga_actions order_saga::on_failure(const order::state& order, timestamp now, saga_attempt attempt,
                                    const failure& reason) {
  auto* progress = find(attempt);
  if (progress == nullptr)
    return {};
  reaction to{order, now};
  if (!is_permanent(reason))
    pause(to, *progress, is_unreachable(reason) ? retry_reason::unreachable : retry_reason::failed,
          reason.detail.empty() ? "it failed" : reason.detail);
  else if (attempt.step == order::step::reserve_revision)
    to.actions.record = refused_revision(order, order::refusal::out_of_stock, reason.detail);
  else if (attempt.step == order::step::authorize_revision)
    to.actions.record = refused_revision(order, order::refusal::payment_declined, reason.detail);
  else if (attempt.step == order::step::cancel_delivery && reason.code == ec::illegal_transition
           && order::can_still_be_delivered(order))
    to.actions.record = refused_cancel(order, reason.detail);
  else if (attempt.step == order::step::refund_payment)
    to.actions.record = declined_refund(order, refund_, reason.detail);
  else
    give_up(to, reason.detail);
  return std::move(to.actions);
}

saga_actions order_saga::on_delivery_ended(const order::state& order, timestamp now) {
  reaction to{order, now};
  if (auto* progress = find(order::step::await_delivery); progress != nullptr && progress->is_open())
    start(to, *progress);
  return std::move(to.actions);
}

saga_actions order_saga::on_time(const order::state& order, timestamp now) {
  reaction to{order, now};
  if (!order::has_work(order))
    return {};
  if (is_over(order, now)) {
    // Somebody may have paid in this moment: the order decides.
    if (order::awaits_payer(order) && steps_.empty())
      to.actions.record = order_record{order::record_unpaid{}, order.id.value + "/payment"};
    else
      give_up(to, steps_.empty() ? "nobody released it in time" : "it took too long");
    return std::move(to.actions);
  }
  for (auto& progress : steps_) {
    if (!progress.is_open() || progress.act_at > now)
      continue;
    if (progress.phase == phase::under_way)
      pause(to, progress, retry_reason::no_answer, "no answer in time");
    else
      start(to, progress);
  }
  return std::move(to.actions);
}

void order_saga::forget() {
  steps_.clear();
  refund_ = {};
  passed_.reset();
}

// -- the deadline -----------------------------------------------------------------------------------------------------

/// The order's deadline has passed, absences not counted, and all that is under way was tried.
bool order_saga::is_over(const order::state& order, timestamp now) {
  if (!order.step_by || *order.step_by > now || (order.step_by == passed_ && judge_at_ > now))
    return false;
  role_set needed{role::order};
  // An operator ends a hold, and somebody pays, over a gateway.
  bool is_for_people = steps_.empty();
  for (const auto& progress : steps_) {
    needed.add(role_of(progress.step));
    is_for_people = is_for_people || (settings_.real_couriers && progress.step == order::step::await_delivery);
  }
  if (is_for_people)
    needed.add(role::gateway);
  constexpr milliseconds soon{500};
  passed_ = order.step_by;
  judge_at_ = now + soon;
  const auto fair = settings_.judge ? settings_.judge(order, needed) : fair_deadline{*order.step_by};
  if (!fair)
    return false;
  // Nodes that are back need a moment until they reach each other.
  constexpr milliseconds moment{10'000};
  const auto end = fair->back_since ? std::max(fair->at, *fair->back_since + moment) : fair->at;
  if (end > now) {
    judge_at_ = end;
    return false;
  }
  bool all_tried = true;
  for (auto& progress : steps_) {
    if (was_tried(progress, now, fair->back_since))
      continue;
    all_tried = false;
    // The word that it waits for may have come to nothing in the absence.
    if (progress.awaits_word())
      progress.act_at = now;
  }
  return all_tried;
}

/// A step that got no whole attempt for long is not waited for.
bool order_saga::was_tried(const step_progress& progress, timestamp now, std::optional<timestamp> back_since) const {
  if (!progress.is_open() || progress.attempt == 0)
    return progress.phase != phase::pausing;
  const auto since = back_since.value_or(timestamp::min());
  const bool ends_now = progress.phase == phase::under_way && progress.act_at <= now;
  if (ends_now ? progress.begun >= since : progress.tried && *progress.tried >= since)
    return true;
  return !progress.awaits_word() && std::max(progress.first_begun, since) + 2 * settings_.times.timeout <= now;
}

// -- what it waits for ------------------------------------------------------------------------------------------------

std::optional<timestamp> order_saga::due(const order::state& order) const {
  auto earliest = order.step_by;
  if (earliest && earliest == passed_)
    earliest = judge_at_;
  for (const auto& progress : steps_)
    if (progress.is_open() && (!earliest || progress.act_at < *earliest))
      earliest = progress.act_at;
  return earliest;
}

bool order_saga::only_waits(const order::state& order) const {
  return order::has_work(order) && std::all_of(steps_.begin(), steps_.end(), [](const step_progress& progress) {
           return progress.awaits_word() || (progress.phase == phase::pausing && progress.attempt == 0);
         });
}

bool order_saga::is_open(order::step step) const {
  return std::any_of(steps_.begin(), steps_.end(),
                     [step](const step_progress& progress) { return progress.step == step && progress.is_open(); });
}

std::string order_saga::waits_for() const {
  std::string text;
  for (const auto& progress : steps_)
    if (progress.is_open())
      text += (text.empty() ? "" : ", ") + std::string{name_of(progress.step)} + " (attempt "
              + std::to_string(progress.attempt) + ")";
  return text;
}

std::vector<open_step> order_saga::open_steps() const {
  std::vector<open_step> open;
  for (const auto& progress : steps_) {
    if (!progress.is_open())
      continue;
    open_step step{progress.step, progress.attempt, progress.phase == phase::under_way, {}, {}, progress.last_failure};
    if (progress.attempt > 0)
      step.since = progress.first_begun;
    if (!progress.awaits_word())
      step.next = progress.act_at;
    open.push_back(std::move(step));
  }
  return open;
}

bool order_saga::is_retrying() const {
  return std::any_of(steps_.begin(), steps_.end(), [](const step_progress& progress) {
    return progress.is_open() && !progress.last_failure.empty();
  });
}

// -- steps ------------------------------------------------------------------------------------------------------------

bool order_saga::step_progress::has_answered(const product_id& product) const {
  return std::find(answered.begin(), answered.end(), product) != answered.end();
}

bool order_saga::step_progress::note_answer(const product_id& product) {
  if (has_answered(product))
    return false;
  // Most orders are of one product: its answer need not be remembered.
  if (answered.size() + 1 == products)
    return true;
  answered.push_back(product);
  return false;
}

order_saga::step_progress* order_saga::find(order::step step) {
  const auto place =
    std::find_if(steps_.begin(), steps_.end(), [step](const step_progress& progress) { return progress.step == step; });
  return place == steps_.end() ? nullptr : &*place;
}

order_saga::step_progress* order_saga::find(saga_attempt attempt) {
  auto* progress = find(attempt.step);
  return progress != nullptr && progress->round == attempt.round && progress->is_open() ? progress : nullptr;
}

bool order_saga::is_about(const std::vector<order::step>& due) const {
  return std::equal(steps_.begin(), steps_.end(), due.begin(), due.end(),
                    [](const step_progress& progress, order::step step) { return progress.step == step; });
}

/// The payment makes one refund at a time.
void order_saga::follow_refunds(const order::state& order) {
  const auto* refund = next_refund(order);
  auto next = refund != nullptr ? refund->id : refund_id{};
  if (next == refund_)
    return;
  refund_ = std::move(next);
  if (auto* progress = find(order::step::refund_payment))
    *progress = {order::step::refund_payment};
}

void order_saga::begin_steps(reaction& to) {
  for (auto& progress : steps_) {
    if (progress.phase == phase::done)
      continue;
    const auto& dispatch_at = to.order.dispatch_at;
    if (progress.step == order::step::request_delivery && dispatch_at && *dispatch_at > to.now) {
      if (progress.phase == phase::not_begun)
        progress.phase = phase::pausing;
      progress.act_at = *dispatch_at;
    } else if (progress.attempt == 0) {
      start(to, progress);
    }
    if (goes_in_turn(to.order))
      return;
  }
}

void order_saga::start(reaction& to, step_progress& progress) {
  ++progress.attempt;
  progress.round = ++rounds_;
  progress.phase = phase::under_way;
  progress.act_at = to.now + settings_.times.timeout;
  progress.begun = to.now;
  if (progress.attempt == 1)
    progress.first_begun = to.now;
  progress.products = 0;
  if (const auto reason = std::exchange(progress.reason, retry_reason::none); reason != retry_reason::none)
    to.actions.retries.push_back({progress.step, reason});
  for_each_request(progress.step, to.order, to.now, settings_.times, [&](order_request request) {
    if (const auto* product = product_of(request)) {
      ++progress.products;
      if (progress.has_answered(*product))
        return;
    }
    to.actions.requests.push_back({{progress.step, progress.round}, std::move(request)});
  });
}

/// Nothing definite yet: asks again later, under the same id.
void order_saga::pause(reaction& to, step_progress& progress, retry_reason reason, std::string because) {
  progress.last_failure = std::move(because);
  progress.reason = reason;
  if (reason != retry_reason::unreachable)
    progress.tried = progress.begun;
  progress.phase = phase::pausing;
  progress.act_at = to.now + settings_.backoff(progress.attempt);
}

/// The same after an answer. Of a delivery that takes long the word is waited for: it comes for certain.
void order_saga::ask_again(reaction& to, step_progress& progress) {
  const bool is_delivering = progress.step == order::step::await_delivery;
  // To ask a delivery that goes on whether it has ended is no retry.
  pause(to, progress, is_delivering ? retry_reason::none : retry_reason::undecided,
        is_delivering ? "" : "the answer decides nothing yet");
  if (is_delivering)
    progress.act_at =
      to.now < to.order.updated_at + settings_.poll_for ? to.now + settings_.delivery_poll : timestamp::max();
}

void order_saga::apply(reaction& to, step_progress& progress, step_verdict verdict) {
  switch (verdict.outcome) {
    case step_verdict::kind::again: ask_again(to, progress); break;
    case step_verdict::kind::done: finish(to, progress); break;
    case step_verdict::kind::decided: progress.phase = phase::done; break;
  }
  if (verdict.record)
    to.actions.record = std::move(verdict.record);
}

void order_saga::finish(reaction& to, step_progress& progress) {
  progress.phase = phase::done;
  // The order goes another way: what it does next begins when that is durable, and the steps at hand are no part of it.
  if (!is_about(order::due_steps(to.order)))
    return;
  const bool all_done =
    std::all_of(steps_.begin(), steps_.end(), [](const step_progress& step) { return step.phase == phase::done; });
  if (all_done)
    to.actions.record = record_of_all(to.order, captured_, voided_);
  else
    begin_steps(to);
}

/// The step was refused for good or took too long.
void order_saga::give_up(reaction& to, const std::string& reason) {
  const auto step = steps_.empty() ? std::string{"the hold"} : std::string{name_of(steps_.front().step)};
  to.actions.record = order_record{order::give_up_step{step + ": " + reason}, to.order.id.value + "/" + step};
}

} // namespace waybill
