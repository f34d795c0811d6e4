#pragma once

#include "tests/domain/story.hpp"

#include <array>
#include <cstdint>
#include <random>
#include <string>

/// Random commands to orders, and the invariants that an order's state must keep.
namespace waybill::testing {

class dice {
public:
  explicit dice(std::uint64_t seed) : random_(seed) {}
  /// 0 to n - 1.
  std::uint32_t roll(std::uint32_t n) { return static_cast<std::uint32_t>(random_() % n); }
  bool one_in(std::uint32_t n) { return roll(n) == 0; }

private:
  std::mt19937_64 random_;
};

inline bool within(const money& refunded, const money& captured, const money& authorized) {
  return 0 <= refunded.amount && refunded.amount <= captured.amount && captured.amount <= authorized.amount;
}

/// A random command of an operator: most are for orders that need attention, some are nonsense.
inline order::command operator_command(const order_story& story, dice& d) {
  if (d.one_in(2))
    return order::retry{d.one_in(4) ? "" : "intent " + std::to_string(d.roll(5)), "try again"};
  using enum order::payment_status;
  const std::array payments{captured, captured, voided, declined, d.one_in(2) ? authorized : unknown};
  using enum order::fulfillment_status;
  const std::array ends{delivered, failed, cancelled, requested};
  order::resolve resolution;
  resolution.outcome = d.one_in(2)    ? order::status::completed
                       : d.one_in(10) ? order::status::placed
                                      : order::status::cancelled;
  resolution.reason = d.one_in(10) ? "" : "settled by hand";
  resolution.payment = payments[d.roll(payments.size())];
  resolution.captured = resolution.payment == captured ? story.state.total : euros(0);
  if (d.one_in(8))
    resolution.captured.amount += 1;
  resolution.fulfillment = ends[d.roll(ends.size())];
  return resolution;
}

/// Of a completed order, some of it too much.
inline order::command refund_command(const order_story& story, dice& d) {
  const refund_id id{"rfd_" + std::to_string(d.roll(5))};
  switch (d.roll(4)) {
    case 0: return order::record_refunded{id};
    case 1: return d.one_in(3) ? order::command{order::record_refund_declined{id, "no"}} : order::record_refunded{id};
    default: break;
  }
  order::request_refund refund{id, {}, d.one_in(8) ? "another reason" : "broken", {"operator", "usr_1"}};
  if (!d.one_in(5))
    refund.amount = money{static_cast<std::int64_t>(d.roll(700)), d.one_in(20) ? "USD" : story.state.total.currency};
  return refund;
}

/// A random command for a deferred order; some fit only other orders.
inline order::command payment_command(dice& d) {
  if (d.one_in(4))
    return order::record_unpaid{};
  const auto intent = std::to_string(d.roll(3));
  return order::pay{{"card", "tok_ok"}, intent, d.one_in(6) ? "other" : intent, {"customer", "usr_1"}};
}

/// A random command that is possible before the dispatch.
inline order::command change_command(const order_story& story, dice& d) {
  const auto last = story.state.revisions ? story.state.revisions->last : 0;
  const auto number = d.one_in(6) ? d.roll(3) : last;
  const order::person by{"operator", "usr_1"};
  switch (d.roll(9)) {
    case 0: return order::hold{by, "looks odd"};
    case 1: return order::release{by, "looks well"};
    case 2: return order::change{order::recipient{"Ada", std::to_string(d.roll(3)) + " Main Street"}, std::nullopt};
    case 3: return order::change{std::nullopt, "note " + std::to_string(d.roll(3))};
    case 4:
    case 5: {
      order::revise revision{d.one_in(4) ? "" : "intent " + std::to_string(d.roll(5)), a_place_command().lines, {}, {}};
      revision.lines[0].quantity = 1 + d.roll(3);
      if (d.one_in(3))
        revision.lines.pop_back();
      if (d.one_in(12))
        revision.lines[0].unit_price.currency = "USD";
      if (d.one_in(3))
        revision.note = "revised";
      return revision;
    }
    case 6:
      return d.one_in(3) ? order::command{order::record_revision_refused{number, order::refusal::out_of_stock, "none"}}
                         : order::record_revised{number};
    default: return order::record_revision_closed{number};
  }
}

inline order::command random_command(const order_story& story, dice& d) {
  if (d.one_in(story.state.status == order::status::completed ? 2 : 30))
    return refund_command(story, d);
  if (d.one_in(story.state.hold || order::is_revising(story.state) ? 2 : 6))
    return change_command(story, d);
  if (d.one_in(order::awaits_payer(story.state) ? 4 : 25))
    return payment_command(d);
  const auto total = d.one_in(8) ? euros(1) : story.state.total;
  if (d.one_in(story.state.status == order::status::needs_attention ? 3 : 20))
    return operator_command(story, d);
  switch (d.roll(16)) {
    case 0: {
      auto cmd = a_place_command();
      if (d.one_in(6))
        cmd.fingerprint = "other";
      if (d.one_in(3))
        cmd.payment = {std::string{order::deferred_method}, d.one_in(2) ? "" : "tok_ok"};
      if (d.one_in(6))
        cmd.lines[0].quantity = d.roll(3) * 10'000;
      return cmd;
    }
    case 1:
    case 2: return order::record_stock_reserved{};
    case 3: return order::record_stock_rejected{product_id{"prd_1"}, 2, 1};
    case 4:
    case 5: return order::record_payment_authorized{total};
    case 6: return order::record_payment_declined{d.one_in(2) ? "card_declined" : ""};
    case 7: return order::record_payment_unknown{};
    case 8:
    case 9: return order::record_fulfillment_started{delivery_id{"dlv_1"}};
    case 10: return order::record_delivered{courier_id{"cur_1"}};
    case 11: return order::record_delivery_failed{"no courier"};
    case 12: return order::record_settled{total};
    case 13: return d.one_in(3) ? order::command{order::request_cancel{""}} : order::record_settled{total};
    case 14: return order::record_compensated{story.state.authorized, d.one_in(3) ? euros(1) : money{}};
    case 15:
      if (d.one_in(2))
        return order::record_cancel_refused{delivery_id{"dlv_1"}, "it is delivered"};
      [[fallthrough]];
    default: return d.one_in(4) ? order::command{order::give_up_step{"time is over"}} : order::record_stock_reserved{};
  }
}

inline std::string broken(const order::state& s) {
  if (!within(s.refunded, s.captured, s.authorized))
    return "I1: refunded <= captured <= authorised";
  if (order::is_final(s.status) && (s.stock_reserved || s.authorized != s.captured))
    return "I3: a final order holds no reservation and no open authorisation";
  const bool moves = s.status != order::status::none && !order::is_at_rest(s.status);
  if (s.step_by.has_value() != moves)
    return "I3, G7: exactly the orders that move have a deadline";
  const bool is_kept = (s.status == order::status::confirmed && s.hold && !order::is_revising(s))
                       || (order::awaits_payer(s) && s.stock_reserved);
  if (order::due_steps(s).empty() == (order::has_work(s) && !is_kept))
    return "I3, G7: exactly the orders that have work and are not held or to be paid have due steps";
  if (order::is_final(s.status) && (order::is_revising(s) || s.hold))
    return "I3: a final order holds nothing for a revision, and nobody holds it";
  if (s.revisions && s.revisions->wanted && s.status != order::status::placed && s.status != order::status::confirmed)
    return "lines are changed before the dispatch, or not at all";
  auto given = s.refunded.amount;
  for (const auto& refund : order::refunds_of(s))
    given += refund.status == order::refund_status::pending ? refund.amount.amount : 0;
  if (given > s.captured.amount)
    return "I1: what is refunded or about to be is more than what was captured";
  using enum order::payment_status;
  const bool open = s.payment_status == authorized || s.payment_status == unknown;
  if (order::is_final(s.status) && open)
    return "I3: the payment of a final order is not open";
  const bool paid = s.payment_status == captured || s.payment_status == order::payment_status::refunded
                    || s.payment_status == partially_refunded;
  if (s.status == order::status::completed && !paid && !(s.attention && s.attention->resolved))
    return "I1: only an operator completes an order without its money";
  if (order::is_final(s.status) && s.payment_status == awaiting)
    return "I3: nobody is waited for to pay a final order";
  if (s.payment_status == awaiting && !s.authorized.is_zero())
    return "nothing is authorised before somebody has paid";
  if (s.status == order::status::cancelled && s.payment_status == captured)
    return "I1: a cancelled order keeps no money";
  return "";
}

} // namespace waybill::testing
