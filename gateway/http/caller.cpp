#include "gateway/http/caller.hpp"

#include "domain/user.hpp"

#include <string_view>
#include <utility>

namespace waybill::http {

role_set to_role_set(const std::vector<std::string>& words) noexcept {
  auto roles = role_set::none;
  for (const auto& word : words) {
    if (word == user::customer_role)
      roles = roles | role_set::customer;
    else if (word == user::courier_role)
      roles = roles | role_set::courier;
    else if (word == user::observer_role)
      roles = roles | role_set::observer;
    else if (word == user::operator_role)
      roles = roles | role_set::staff;
    else if (word == user::admin_role)
      roles = roles | role_set::admin;
  }
  return roles;
}

namespace {

std::string_view kind_of(std::string_view id, role_set roles) noexcept {
  if (id.starts_with(service_key_id::prefix()))
    return "service";
  if (any_of(roles, role_set::admin))
    return user::admin_role;
  if (any_of(roles, role_set::staff))
    return user::operator_role;
  if (any_of(roles, role_set::observer) && !any_of(roles, role_set::courier | role_set::customer))
    return user::observer_role;
  return any_of(roles, role_set::courier) && !any_of(roles, role_set::customer) ? user::courier_role
                                                                                : user::customer_role;
}

} // namespace

caller make_caller(std::string id, const std::vector<std::string>& roles) {
  caller result;
  result.roles = to_role_set(roles);
  result.customer = customer_id{std::string{customer_id::prefix()} + id.substr(id.find('_') + 1)};
  result.kind = kind_of(id, result.roles);
  result.id = std::move(id);
  return result;
}

caller narrow(caller whole, role_set roles) {
  whole.roles = whole.roles & roles;
  whole.kind = kind_of(whole.id, whole.roles);
  return whole;
}

courier_id caller::as_courier() const {
  if (!any_of(roles, role_set::courier))
    return {};
  return courier_id{std::string{courier_id::prefix()} + id.substr(id.find('_') + 1)};
}

} // namespace waybill::http
