#include "outbound/http_messages.hpp"

#include "domain/base/errors.hpp"
#include "outbound/address_policy.hpp"

#include <boost/throw_exception.hpp>
#include <boost/url/grammar/ci_string.hpp>

#include <stdexcept>

namespace waybill::outbound {

std::string_view http_response::header(std::string_view name) const noexcept {
  for (const auto& [key, value] : headers)
    if (boost::urls::grammar::ci_is_equal(key, name))
      return value;
  return {};
}

void throw_exception_from_error(const http_failure& reason, const boost::source_location& where) {
  boost::throw_exception(std::runtime_error{reason.detail}, where);
}

result<void> check_target(const http_url& url, target_policy policy) {
  if (policy == target_policy::any)
    return {};
  if (!url.secure)
    return failure{ec::invalid_argument, "only https is allowed"};
  if (const auto address = address_in(url.host); address && !is_public(*address))
    return failure{ec::invalid_argument, "the address is not one of the public internet"};
  return {};
}

} // namespace waybill::outbound
