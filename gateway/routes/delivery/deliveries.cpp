#include "gateway/http/field_limits.hpp"
#include "gateway/http/reading.hpp"
#include "gateway/routes/delivery/courier_views.hpp"
#include "gateway/routes/handlers.hpp"
#include "gateway/routes/view_text.hpp"

#include "domain/json/codec.hpp"
#include "domain/user.hpp"

#include <limits>

// Deliveries for couriers: their offers and assignments, and what they report about them. Operators see all deliveries
// and may act for any courier.

namespace waybill::http::routes::deliveries {

namespace {

bool is_status(std::string_view word) {
  auto known = false;
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<delivery::status>>(
    [&](auto status) { known = known || (status.value != delivery::status::none && word == status.name); });
  return known;
}

std::string view_for(const request& req, const delivery::state& delivery) {
  json_writer out;
  write_job(out, delivery, req.caller.as_courier_viewer().may_see(delivery.courier));
  return out.take();
}

/// Reads the optional body; an empty one counts as an empty object.
void read_report(const request& req, act_on_delivery& to) {
  if (req.body.empty())
    return;
  const bool with_reason = to.word == courier_word::declined || to.word == courier_word::aborted;
  const auto body = read_body(req);
  std::vector<field_error> errors;
  object_reader from{body, "", errors};
  if (with_reason)
    to.reason = from.optional_text("reason", limits::reason).value_or("");
  if (from.optional("attempt"))
    to.attempt = static_cast<std::uint32_t>(from.integer("attempt", {1, std::numeric_limits<std::uint32_t>::max()}));
  from.finish();
  require_valid(body, errors);
}

task<response> act(context& ctx, const request& req, courier_word word) {
  act_on_delivery command;
  command.id = path_id<delivery_id>(req);
  command.word = word;
  command.on_behalf = req.caller.as_courier_viewer();
  command.origin = req.origin();
  // A caller who is also a customer acts as a courier here.
  if (!command.on_behalf.everything)
    command.origin.by_kind = user::courier_role;
  read_report(req, command);
  const auto changed = co_await ctx.query<delivery::state>(req, ctx.services().deliveries, command);
  co_return resource(req, view_for(req, changed), changed.version);
}

} // namespace

task<response> list(context& ctx, const request& req) {
  query_reader from{req};
  list_deliveries query;
  query.status = from.text("status", 32);
  if (!query.status.empty() && !is_status(query.status))
    from.complain("status", "is not a status of a delivery");
  query.courier = from.text("courier_id", 64);
  if (!query.courier.empty() && !is_id(query.courier, courier_id::prefix()))
    from.complain("courier_id", "is not the id of a courier");
  query.limit = from.limit();
  auto at = from.cursor("deliveries", delivery_id::prefix(), true);
  query.cursor_time = at.time;
  query.cursor_id = std::move(at.id);
  from.finish();
  if (!req.caller.is_operator())
    query.courier = req.caller.as_courier().value;
  const auto page = co_await ctx.query<state_page>(req, ctx.services().reader, query);
  const auto found = decode_all<delivery::state>(page.states);
  const auto write = [&](json_writer& out, const delivery::state& delivery) { out.raw(view_for(req, delivery)); };
  const auto last = found.empty() ? list_cursor{} : list_cursor{found.back().created_at, found.back().id.value};
  co_return list_response(req, array_of(found, write), page.more ? to_cursor("deliveries", last) : "");
}

task<response> show(context& ctx, const request& req) {
  const view_delivery question{path_id<delivery_id>(req), req.caller.as_courier_viewer()};
  const auto delivery = co_await ctx.query<delivery::state>(req, ctx.services().deliveries, question);
  co_return resource(req, view_for(req, delivery), delivery.version);
}

task<response> accept(context& ctx, const request& req) {
  co_return co_await act(ctx, req, courier_word::accepted);
}

task<response> decline(context& ctx, const request& req) {
  co_return co_await act(ctx, req, courier_word::declined);
}

task<response> start(context& ctx, const request& req) {
  co_return co_await act(ctx, req, courier_word::started);
}

task<response> complete(context& ctx, const request& req) {
  co_return co_await act(ctx, req, courier_word::completed);
}

task<response> abort(context& ctx, const request& req) {
  co_return co_await act(ctx, req, courier_word::aborted);
}

} // namespace waybill::http::routes::deliveries
