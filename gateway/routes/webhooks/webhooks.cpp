#include "auth/octets.hpp"
#include "gateway/http/reading.hpp"
#include "gateway/limits/limits.hpp"
#include "gateway/routes/handlers.hpp"
#include "gateway/routes/webhooks/webhook_views.hpp"
#include "gateway/streams/event_query.hpp"

#include "domain/base/codec.hpp"
#include "domain/webhook_signature.hpp"

#include <utility>

// Webhook endpoints: kept by admins, seen by operators.

namespace waybill::http {

namespace {

constexpr range overlaps{0, 7 * 24 * 3'600};
constexpr std::int64_t usual_overlap = 24 * 3'600;

/// What whoever knows it can sign with: shown once, kept where nobody sees it.
std::string make_secret() {
  constexpr std::size_t octets = 32;
  return webhook_signature::write_secret({random_octets(octets)});
}

void throw_if_any(const boost::json::value& body, std::vector<field_error>& errors) {
  if (body.is_null())
    errors.push_back({"", "must be an object"});
  if (!errors.empty())
    throw invalid_fields(422, std::move(errors));
}

std::vector<std::string> read_types(object_reader& from) {
  constexpr length allowed{1, 16};
  event_filter filter;
  for (const auto& word : from.array("types", allowed))
    filter.types.emplace_back(word.is_string() ? std::string{word.get_string()} : std::string{});
  if (auto wrong = check_filter(filter); !wrong.empty())
    from.complain("types", std::move(wrong));
  return filter.types;
}

create_webhook read_endpoint(const request& req) {
  const auto body = read_body(req);
  std::vector<field_error> errors;
  object_reader from{body, "", errors};
  create_webhook wanted;
  wanted.url = from.text("url", limits::webhook_url);
  wanted.types = read_types(from);
  wanted.description = from.optional_text("description", limits::webhook_description).value_or("");
  from.finish();
  throw_if_any(body, errors);
  wanted.id = make_id<webhook_id>();
  wanted.secret = make_secret();
  wanted.origin = req.origin();
  return wanted;
}

change_webhook read_change(const request& req) {
  const auto body = read_body(req);
  std::vector<field_error> errors;
  object_reader from{body, "", errors};
  change_webhook wanted;
  wanted.url = from.optional_text("url", limits::webhook_url);
  if (from.optional("types"))
    wanted.types = read_types(from);
  wanted.description = from.optional_text("description", limits::webhook_description);
  if (const auto status = from.optional_text("status", {1, 20})) {
    wanted.enabled = *status == "enabled";
    if (*status != "enabled" && *status != "disabled")
      from.complain("status", "must be enabled or disabled");
  }
  from.finish();
  throw_if_any(body, errors);
  wanted.id = path_id<webhook_id>(req);
  wanted.expected_version = expected_version(req);
  wanted.origin = req.origin();
  return wanted;
}

/// What is wrong with a command for an endpoint is wrong with its URL.
template <class Message>
task<webhook_view> tell_endpoint(worker& w, const request& req, Message what, bool repeatable) {
  try {
    if (repeatable)
      co_return co_await w.query<webhook_view>(req, w.services().webhooks, std::move(what));
    co_return co_await w.command<webhook_view>(req, w.services().webhooks, std::move(what));
  } catch (const problem& reason) {
    if (reason.status == 422 && reason.errors.empty())
      throw invalid_fields(422, {{"/url", reason.detail}});
    throw;
  }
}

/// Its tag is the version of what was decided about it; how far it has come changes without one, so nobody is told that
/// nothing has changed.
response answer(const webhook_view& what) {
  response result;
  json_writer out;
  write_endpoint(out, what);
  result.body = out.take();
  result.set("ETag", etag_of(what.state.version));
  return result;
}

/// With its secret, this once.
response answer_with_secret(const webhook_view& what, const std::string& secret) {
  json_writer out;
  write_endpoint_members(out, what.state, what.progress);
  response result;
  result.body = out.member("secret", secret).end_object().take();
  result.set("ETag", etag_of(what.state.version));
  return result;
}

/// Two admins at the same time may pass it by one; it keeps machines from making them without end.
task<void> check_number(worker& w, const request& req) {
  const list_webhooks query{{}, limits::webhook_endpoints};
  const auto page = co_await w.query<webhook_page>(req, w.services().reader, query);
  if (page.webhooks.size() >= limits::webhook_endpoints)
    throw problem{409, "conflict", "there are as many webhook endpoints as there can be", {}, {}};
}

} // namespace

task<response> list_webhook_endpoints(worker& w, const request& req) {
  query_reader from{req};
  list_webhooks wanted;
  wanted.limit = from.limit();
  wanted.cursor_id = from.cursor("webhook_endpoints", webhook_id::prefix(), false).id;
  from.finish();
  const auto page = co_await w.query<webhook_page>(req, w.services().reader, wanted);
  json_writer items;
  items.begin_array();
  for (const auto& one : page.webhooks) {
    const auto state = decode<webhook::state>(one.state);
    if (!state)
      throw to_problem(state.error());
    write_endpoint(items, {*state, one.progress});
  }
  items.end_array();
  const bool more = page.more && !page.webhooks.empty();
  co_return list_response(req, items.take(),
                          more ? to_cursor("webhook_endpoints", {{}, page.webhooks.back().progress.id}) : "");
}

task<response> add_webhook_endpoint(worker& w, const request& req) {
  auto wanted = read_endpoint(req);
  co_await check_number(w, req);
  wanted.start = co_await w.query<log_position>(req, w.services().reader, get_log_end{});
  const auto secret = wanted.secret;
  // A repetition finds what it wants.
  const auto made = co_await tell_endpoint(w, req, std::move(wanted), true);
  auto result = answer_with_secret(made, secret);
  result.status = 201;
  result.set("Location", "/v1/webhook-endpoints/" + made.state.id.value);
  co_return result;
}

task<response> show_webhook_endpoint(worker& w, const request& req) {
  const get_webhook wanted{path_id<webhook_id>(req)};
  const auto found = co_await w.query<webhook_view>(req, w.services().webhooks, wanted);
  co_return answer(found);
}

task<response> change_webhook_endpoint(worker& w, const request& req) {
  auto wanted = read_change(req);
  const bool repeatable = wanted.expected_version == 0;
  const auto now_is = co_await tell_endpoint(w, req, std::move(wanted), repeatable);
  co_return answer(now_is);
}

task<response> remove_webhook_endpoint(worker& w, const request& req) {
  const remove_webhook wanted{path_id<webhook_id>(req), expected_version(req), req.origin()};
  if (wanted.expected_version == 0)
    co_await w.query<void>(req, w.services().webhooks, wanted);
  else
    co_await w.command<void>(req, w.services().webhooks, wanted);
  response result;
  result.status = 204;
  co_return result;
}

task<response> rotate_endpoint_secret(worker& w, const request& req) {
  rotate_webhook_secret wanted;
  wanted.id = path_id<webhook_id>(req);
  auto overlap = usual_overlap;
  if (!req.body.empty()) {
    const auto body = read_body(req);
    std::vector<field_error> errors;
    object_reader from{body, "", errors};
    if (from.optional("overlap_seconds"))
      overlap = from.integer("overlap_seconds", overlaps);
    from.finish();
    throw_if_any(body, errors);
  }
  if (overlap > 0)
    wanted.previous_until = now() + std::chrono::seconds{overlap};
  wanted.secret = make_secret();
  wanted.origin = req.origin();
  const auto secret = wanted.secret;
  const auto found = co_await w.query<webhook_view>(req, w.services().webhooks, std::move(wanted));
  co_return answer_with_secret(found, secret);
}

} // namespace waybill::http
