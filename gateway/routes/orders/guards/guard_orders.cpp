#include "gateway/routes/orders/guards/guard_orders.hpp"

#include "domain/base/enum_name.hpp"
#include "domain/base/errors.hpp"
#include "domain/function/answers.hpp"
#include "domain/order_view/order_json.hpp"
#include "functions/sandbox.hpp"

#include <string>
#include <utility>
#include <vector>

namespace waybill::http::routes::orders {

namespace {

/// A sum that is too large is refused where the order is decided.
money total_of(const std::vector<order::line>& lines) {
  money total;
  for (const auto& line : lines) {
    const auto sum = multiply(line.unit_price, line.quantity);
    if (!sum)
      break;
    if (auto more = add(total, *sum))
      total = std::move(*more);
  }
  return total;
}

/// What a guard is told: the order as its answer would show it, without what it gets when it is placed.
std::string input_of(const place_order& order) {
  json_writer out;
  out.begin_object().key("order").begin_object().member("customer_id", order.customer.value);
  write_lines(out.key("lines"), order.lines);
  write_money(out.key("total"), total_of(order.lines));
  out.key("payment").begin_object().member("method", order.payment.method).end_object();
  write_delivery_to(out.key("delivery"), order.delivery);
  return out.member("note", order.note).end_object().end_object().take();
}

/// What came of asking a guard.
struct verdict {
  /// Why it has not answered; none: it has.
  std::optional<failure> unanswered;
  function::guard_answer answer;
};

/// Time-outs of actors are looked for ten times a second; this one is met on time.
task<result<function_ran>> call_in_time(context& ctx, invoke_function call) {
  constexpr milliseconds surely_over{1};
  timer alarm{ctx.io(), call.within + surely_over};
  alarm.async_wait([&ctx](error_code cancelled) {
    if (!cancelled)
      ctx.end_overdue(clock::now());
  });
  const auto within = call.within;
  auto ran = co_await ctx.ask_for<function_ran>(ctx.services().functions, std::move(call), within);
  alarm.cancel();
  co_return ran;
}

verdict read_verdict(const result<function_ran>& ran, const order::metadata& known) {
  if (!ran)
    return {ran.error(), {}};
  if (ran->error) {
    // Whichever clock comes first, it is the same to the caller.
    const bool was_slow = ran->error->kind == name_of(sandbox::error_kind::time);
    return {failure{was_slow ? ec::timed_out : ec::internal, ran->error->message}, {}};
  }
  auto answer = function::read_guard_answer(ran->result);
  if (!answer)
    return {answer.error(), {}};
  auto all = known;
  for (const auto& [key, text] : answer->metadata)
    all.insert_or_assign(key, text);
  if (auto wrong = order::check_metadata(all); !wrong.empty())
    return {failure{ec::invalid_argument, std::move(wrong)}, {}};
  answer->metadata = std::move(all);
  return {{}, std::move(*answer)};
}

problem refused(const order_guard& guard, std::string reason) {
  return {422, "order_refused", std::move(reason), {}, {}, 0, guard.name};
}

/// A guard that could not be asked can be asked again; one that fails would fail again.
problem not_judged(const order_guard& guard, const failure& why) {
  if (why.code == ec::internal || why.code == ec::invalid_argument)
    return refused(guard, "the order could not be checked");
  return to_problem({ec::unavailable, {}});
}

} // namespace

order_guards::list present_guards(const context& ctx) {
  const auto& board = ctx.services().guards;
  if (!board)
    return nullptr;
  auto guards = board->all();
  if (!guards)
    throw to_problem({ec::unavailable, "the guards of orders are not known yet"});
  return guards->empty() ? nullptr : std::move(guards);
}

task<std::optional<problem>> ask_guards(context& ctx, order_guards::list guards, place_order& order) {
  const auto input = input_of(order);
  order::metadata noted;
  for (const auto& guard : *guards) {
    invoke_function call{function::id_of(guard.name), input, ctx.config().guard_timeout};
    const auto ran = co_await call_in_time(ctx, std::move(call));
    auto judged = read_verdict(ran, noted);
    const bool allowed = guard.on_failure == function::guard_failure::allow;
    if (judged.unanswered) {
      // A guard that was removed a moment ago has nothing to say.
      const bool is_gone = judged.unanswered->code == ec::not_found;
      ctx.metrics().count_guard(guard.name, allowed || is_gone ? "allowed_on_failure" : "refused_on_failure");
      if (!allowed && !is_gone)
        co_return not_judged(guard, *judged.unanswered);
    } else if (judged.answer.refusal) {
      ctx.metrics().count_guard(guard.name, "refused");
      co_return refused(guard, std::move(*judged.answer.refusal));
    } else {
      ctx.metrics().count_guard(guard.name, "passed");
      noted = std::move(judged.answer.metadata);
    }
  }
  if (!noted.empty())
    order.metadata = std::move(noted);
  co_return std::nullopt;
}

} // namespace waybill::http::routes::orders
