#pragma once

#include "gateway/routes/router.hpp"

namespace waybill::http {

/// Judges the conditions of a change that name several tags, or tags that its resource must not have (RFC 9110, section
/// 13.2.2): asks the route that shows the resource for its present tag, and makes the change depend on that version.
/// Throws a problem with status 412. A resource without tags has no conditions; a single If-Match is left to a route
/// that checks versions, which judges it in the moment of the change.
task<void> judge_conditions(context& ctx, request& req, const route& entry);

} // namespace waybill::http
