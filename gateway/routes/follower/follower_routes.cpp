#include "gateway/routes/follower/follower_routes.hpp"

namespace waybill::http::routes {

std::optional<bool> read_enabled(object_reader& from) {
  const auto status = from.optional_text("status", {1, 20});
  if (!status)
    return std::nullopt;
  if (*status != "enabled" && *status != "disabled")
    from.complain("status", "must be enabled or disabled");
  return *status == "enabled";
}

} // namespace waybill::http::routes
