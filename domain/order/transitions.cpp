#include "domain/base/transitions.hpp"

#include "domain/order/parts.hpp"

#include <array>

namespace waybill::order {

namespace {

constexpr std::array transitions{
  transition<status>{placed::type, {status::none}, status::placed},
  transition<status>{stock_reserved::type, {status::placed}, status::placed},
  transition<status>{stock_rejected::type, {status::placed}, status::placed},
  transition<status>{payment_authorized::type, {status::placed}, status::placed},
  transition<status>{payment_declined::type, {status::placed}, status::placed},
  transition<status>{payment_provided::type, {status::placed}, status::placed},
  transition<status>{payment_unknown::type, {status::placed}, status::placed},
  transition<status>{confirmed::type, {status::placed}, status::confirmed},
  transition<status>{rejected::type, {status::placed}, status::rejected},
  transition<status>{fulfillment_started::type, {status::confirmed}, status::fulfilling},
  transition<status>{delivered::type, {status::fulfilling}, status::fulfilling},
  transition<status>{payment_captured::type, {status::fulfilling}, status::fulfilling},
  transition<status>{completed::type, {status::fulfilling}, status::completed},
  transition<status>{
    cancel_requested::type, {status::placed, status::confirmed, status::fulfilling}, status::cancelling},
  transition<status>{cancel_refused::type, {status::cancelling}, status::fulfilling},
  transition<status>{compensated::type, {status::cancelling}, status::cancelling},
  transition<status>{cancelled::type, {status::cancelling}, status::cancelled},
  transition<status>{needs_attention::type,
                     {status::placed, status::confirmed, status::fulfilling, status::cancelling},
                     status::needs_attention},
  transition<status>{rows::retried_placed, {status::needs_attention}, status::placed},
  transition<status>{rows::retried_confirmed, {status::needs_attention}, status::confirmed},
  transition<status>{rows::retried_fulfilling, {status::needs_attention}, status::fulfilling},
  transition<status>{rows::retried_cancelling, {status::needs_attention}, status::cancelling},
  // The end itself is told by the event that always tells it: `completed` or `cancelled` comes with them.
  transition<status>{rows::resolved_completed, {status::needs_attention}, status::fulfilling},
  transition<status>{rows::resolved_cancelled, {status::needs_attention}, status::cancelling},
  transition<status>{refund_requested::type, {status::completed}, status::completed},
  transition<status>{refunded::type, {status::completed}, status::completed},
  transition<status>{refund_declined::type, {status::completed}, status::completed},
  // Before the dispatch; none of these moves the order.
  transition<status>{held::type, {status::placed}, status::placed},
  transition<status>{held::type, {status::confirmed}, status::confirmed},
  transition<status>{released::type, {status::placed}, status::placed},
  transition<status>{released::type, {status::confirmed}, status::confirmed},
  transition<status>{changed::type, {status::placed}, status::placed},
  transition<status>{changed::type, {status::confirmed}, status::confirmed},
  transition<status>{revision_requested::type, {status::placed}, status::placed},
  transition<status>{revision_requested::type, {status::confirmed}, status::confirmed},
  transition<status>{revision_refused::type, {status::placed}, status::placed},
  transition<status>{revision_refused::type, {status::confirmed}, status::confirmed},
  transition<status>{revised::type, {status::confirmed}, status::confirmed},
  transition<status>{revision_closed::type, {status::confirmed}, status::confirmed},
};

} // namespace

std::optional<status> next_status(status from, std::string_view type) noexcept {
  return find_transition<status>(transitions, from, type);
}

failure refuse(std::string_view type, status from, std::string_view because) {
  return illegal<status>(transitions, type, from, because);
}

} // namespace waybill::order
