#include "gateway/http/caller.hpp"

#include "domain/user.hpp"

#include <utility>

namespace waybill::http {

role_set to_role_set(const std::vector<std::string>& words) noexcept {
  auto roles = role_set::none;
  for (const auto& word : words) {
    if (word == user::customer_role)
      roles = roles | role_set::customer;
    else if (word == user::courier_role)
      roles = roles | role_set::courier;
    else if (word == user::operator_role)
      roles = roles | role_set::staff;
    else if (word == user::admin_role)
      roles = roles | role_set::admin;
  }
  return roles;
}

caller make_caller(std::string id, const std::vector<std::string>& roles) {
  caller result;
  result.roles = to_role_set(roles);
  result.customer = customer_id{std::string{customer_id::prefix()} + id.substr(id.find('_') + 1)};
  if (id.starts_with(service_key_id::prefix()))
    result.kind = "service";
  else if (any_of(result.roles, role_set::admin))
    result.kind = user::admin_role;
  else if (any_of(result.roles, role_set::staff))
    result.kind = user::operator_role;
  else if (any_of(result.roles, role_set::courier) && !any_of(result.roles, role_set::customer))
    result.kind = user::courier_role;
  else
    result.kind = user::customer_role;
  result.id = std::move(id);
  return result;
}

courier_id caller::as_courier() const {
  if (!any_of(roles, role_set::courier))
    return {};
  return courier_id{std::string{courier_id::prefix()} + id.substr(id.find('_') + 1)};
}

} // namespace waybill::http
