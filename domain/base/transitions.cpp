#include "domain/base/transitions.hpp"

#include "domain/base/errors.hpp"

namespace waybill {

failure refuse_transition(std::string_view event, std::string_view from, std::string_view to,
                          std::string_view because) {
  std::string detail{event};
  detail.append(" would lead from ").append(from).append(" to ").append(to);
  detail.append(because.empty() ? ", which is not allowed" : ", but ").append(because);
  return {ec::illegal_transition, std::move(detail)};
}

} // namespace waybill
