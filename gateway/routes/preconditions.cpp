#include "gateway/routes/preconditions.hpp"

#include "gateway/http/conditions.hpp"
#include "gateway/http/problem.hpp"

#include <algorithm>
#include <optional>
#include <string>

namespace waybill::http {

namespace {

/// Whether a route shows one resource; a list has no tag.
bool has_tag(const route& entry) noexcept {
  return entry.kind == route_kind::plain && entry.load == route_load::work && !entry.has_page
         && (entry.pattern.ends_with("{id}") || entry.pattern.starts_with("/v1/orders/") || entry.pattern == "/v1/me");
}

/// The route that shows what a path changes: its own, or of `/v1/orders/{id}/cancel` that of `/v1/orders/{id}`.
const route* find_resource(request& shown, const gateway_config& config) {
  shown.method = verb::get;
  for (; !shown.segments.empty(); shown.segments.pop_back())
    if (const auto found = find_route(shown, false, config); found.entry && has_tag(*found.entry))
      return found.entry;
  return nullptr;
}

std::string tag_in(const response& answer) {
  const auto& headers = answer.headers;
  const auto tag = std::ranges::find_if(headers, [](const auto& header) { return header.first == "ETag"; });
  return tag == headers.end() ? std::string{} : tag->second;
}

/// `If-Match: *`, which holds for whatever is there.
bool asks_for_any(const request& req) {
  return req.headers.has(field::if_match) && tag_list{req.header(field::if_match)}.any();
}

/// The present tag of what `shown` asks for; nothing when that is not there, though it could be made.
task<std::optional<std::string>> find_tag(context& ctx, const request& shown, const route& resource, bool can_be_made) {
  try {
    const auto answer = co_await resource.answer(ctx, shown);
    co_return tag_in(answer);
  } catch (const problem& error) {
    if (error.status != 404 || !can_be_made)
      throw;
  }
  co_return std::nullopt;
}

} // namespace

task<void> judge_conditions(context& ctx, request& req, const route& entry) {
  const bool is_for_handler = entry.checks_version && !needs_present_tag(req);
  const bool must_exist = entry.creates && asks_for_any(req);
  if (entry.method == verb::get || ((is_for_handler || !has_conditions(req)) && !must_exist))
    co_return;
  auto shown = req;
  shown.headers = {};
  shown.body = {};
  shown.query.clear();
  const auto* resource = find_resource(shown, ctx.config());
  if (!resource)
    co_return;
  const auto present = co_await find_tag(ctx, shown, *resource, entry.creates);
  // No tag fits what is not there, and `If-None-Match: *` asks for that (RFC 9110, sections 13.1.1 and 13.1.2).
  if (!present && req.headers.has(field::if_match))
    throw problem{
      412, "version_mismatch", "the precondition failed: there is nothing that If-Match could name", {}, {}};
  if (!present || present->empty())
    co_return;
  const auto& tag = *present;
  require_match(req, tag);
  if (none_match_hits(req, tag))
    throw problem{412, "version_mismatch", "the precondition failed: If-None-Match names the current version", {}, {}};
  req.judged_version = first_version_in(tag).value_or(0);
}

} // namespace waybill::http
