#include "gateway/context/request_charge.hpp"

#include "gateway/context/metrics.hpp"
#include "gateway/http/problem.hpp"

namespace waybill::http {

void request_charge::take(rate_class which, std::string_view key) {
  if (key.empty() || which == rate_class::none)
    return;
  const auto verdict = rates_.take(which, key, rate_limits::clock::now());
  const bool is_first = tightest_.which == rate_class::none;
  if (is_first || !verdict.allowed || verdict.remaining <= tightest_.remaining)
    tightest_ = verdict;
  if (verdict.allowed)
    return;
  metrics_.count(refusal::rate);
  throw problem{429,
                "rate_limited",
                "this caller sends more requests than it may",
                {},
                {{"Retry-After", std::to_string(verdict.retry)}}};
}

void request_charge::take_of_account(std::string_view name) {
  if (!address_.empty())
    take(rate_class::auth, "account " + std::string{name});
}

} // namespace waybill::http
