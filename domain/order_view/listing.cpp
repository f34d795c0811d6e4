#include "domain/order_view/listing.hpp"

#include "domain/base/enum_name.hpp"

#include <algorithm>
#include <array>

namespace waybill::order {

namespace {

constexpr std::array on_its_way{status::placed, status::confirmed, status::fulfilling};

bool is_wanted(const std::vector<std::string>& wanted, status s) {
  return std::ranges::find(wanted, name_of(s)) != wanted.end();
}

std::ptrdiff_t wanted_on_their_way(const std::vector<std::string>& wanted) {
  return std::ranges::count_if(on_its_way, [&](status s) { return is_wanted(wanted, s); });
}

} // namespace

bool is_on_its_way(status s) noexcept {
  return std::ranges::find(on_its_way, s) != on_its_way.end();
}

status listed_as(status s) noexcept {
  return is_on_its_way(s) ? status::placed : s;
}

bool may_be_listed_as(status s, std::string_view listed) {
  return is_on_its_way(s) ? std::ranges::any_of(on_its_way, [&](status other) { return listed == name_of(other); })
                          : listed == name_of(s);
}

std::vector<std::string> listed_statuses(const std::vector<std::string>& wanted) {
  auto listed = wanted;
  if (wanted_on_their_way(wanted) > 0)
    for (const auto s : on_its_way)
      if (!is_wanted(wanted, s))
        listed.emplace_back(name_of(s));
  return listed;
}

bool needs_state(const std::vector<std::string>& wanted) {
  const auto count = wanted_on_their_way(wanted);
  return count > 0 && count < std::ssize(on_its_way);
}

} // namespace waybill::order
