#include "domain/order_view/history.hpp"

namespace waybill::order {

void history::add(const event& recorded, timestamp at) {
  const bool first = state_.version == 0;
  apply(state_, recorded, at);
  const auto reason = waiting_of(state_);
  if (first || reason != reason_)
    since_ = at;
  reason_ = reason;
}

} // namespace waybill::order
