#include "gateway/routes/follower/follower_views.hpp"

#include "gateway/http/json_members.hpp"

namespace waybill::http {

void write_follower_members(json_writer& out, const follower::state& shown, const follower_progress& progress) {
  write_time(out, "last_success_at", progress.last_success_at);
  write_time(out, "last_failure_at", progress.last_failure_at);
  write_optional(out, "last_error", progress.last_error);
  out.member("created_at", to_rfc3339(shown.created_at))
    .member("updated_at", to_rfc3339(shown.updated_at))
    .member("version", shown.version);
}

} // namespace waybill::http
