#include "domain/order_view/listing.hpp"

#include "domain/base/enum_name.hpp"

#include <algorithm>
#include <array>

namespace waybill::order {

namespace {

constexpr std::array before_fulfillment{status::placed, status::confirmed};

bool is_wanted(const std::vector<std::string>& wanted, status s) {
  return std::ranges::find(wanted, name_of(s)) != wanted.end();
}

std::ptrdiff_t wanted_before_fulfillment(const std::vector<std::string>& wanted) {
  return std::ranges::count_if(before_fulfillment, [&](status s) { return is_wanted(wanted, s); });
}

bool is_before_fulfillment(status s) noexcept {
  return std::ranges::find(before_fulfillment, s) != before_fulfillment.end();
}

} // namespace

status listed_as(status s) noexcept {
  return is_before_fulfillment(s) ? status::placed : s;
}

bool may_be_listed_as(status s, std::string_view listed) {
  return is_before_fulfillment(s)
           ? std::ranges::any_of(before_fulfillment, [&](status other) { return listed == name_of(other); })
           : listed == name_of(s);
}

std::vector<std::string> listed_statuses(const std::vector<std::string>& wanted) {
  auto listed = wanted;
  if (wanted_before_fulfillment(wanted) > 0)
    for (const auto s : before_fulfillment)
      if (!is_wanted(wanted, s))
        listed.emplace_back(name_of(s));
  return listed;
}

bool needs_state(const std::vector<std::string>& wanted) {
  const auto count = wanted_before_fulfillment(wanted);
  return count > 0 && count < std::ssize(before_fulfillment);
}

} // namespace waybill::order
