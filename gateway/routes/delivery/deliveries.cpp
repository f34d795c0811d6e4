#include "gateway/http/reading.hpp"
#include "gateway/limits/limits.hpp"
#include "gateway/routes/delivery/courier_views.hpp"
#include "gateway/routes/handlers.hpp"

#include "domain/base/codec.hpp"
#include "domain/user.hpp"

#include <limits>

// Deliveries as couriers see them: their offers and assignments, and what they say of them. Operators see all, and may
// speak for any courier.

namespace waybill::http {

namespace {

bool is_status(std::string_view word) {
  auto known = false;
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<delivery::status>>(
    [&](auto one) { known = known || (one.value != delivery::status::none && word == one.name); });
  return known;
}

std::string view_for(const request& req, const delivery::state& what) {
  json_writer out;
  write_job(out, what, req.who.as_courier_viewer().may_see(what.courier));
  return out.take();
}

/// An empty body is as good as an empty object.
void read_word(const request& req, act_on_delivery& to) {
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
  if (body.is_null())
    errors.push_back({"", "must be an object"});
  if (!errors.empty())
    throw invalid_fields(422, std::move(errors));
}

task<response> say(worker& w, const request& req, courier_word word) {
  act_on_delivery wanted;
  wanted.id = path_id<delivery_id>(req);
  wanted.word = word;
  wanted.on_behalf = req.who.as_courier_viewer();
  wanted.origin = req.origin();
  // Who is also a customer acts as a courier here.
  if (!wanted.on_behalf.everything)
    wanted.origin.by_kind = user::courier_role;
  read_word(req, wanted);
  const auto now = co_await w.query<delivery::state>(req, w.services().deliveries, wanted);
  co_return resource(req, view_for(req, now), now.version);
}

} // namespace

task<response> list_all_deliveries(worker& w, const request& req) {
  query_reader from{req};
  list_deliveries wanted;
  wanted.status = from.text("status", 32);
  if (!wanted.status.empty() && !is_status(wanted.status))
    from.complain("status", "is not a status of a delivery");
  wanted.courier = from.text("courier_id", 64);
  if (!wanted.courier.empty() && !is_id(wanted.courier, courier_id::prefix()))
    from.complain("courier_id", "is not the id of a courier");
  wanted.limit = from.limit();
  auto at = from.cursor("deliveries", delivery_id::prefix(), true);
  wanted.cursor_time = at.time;
  wanted.cursor_id = std::move(at.id);
  from.finish();
  if (!req.who.is_operator())
    wanted.courier = req.who.as_courier().value;
  const auto page = co_await w.query<state_page>(req, w.services().reader, wanted);
  json_writer items;
  items.begin_array();
  list_cursor last;
  for (const auto& text : page.states) {
    const auto one = decode<delivery::state>(text);
    if (!one)
      throw to_problem(one.error());
    items.raw(view_for(req, *one));
    last = {one->created_at, one->id.value};
  }
  items.end_array();
  co_return list_response(req, items.take(), page.more ? to_cursor("deliveries", last) : "");
}

task<response> show_delivery(worker& w, const request& req) {
  const view_delivery wanted{path_id<delivery_id>(req), req.who.as_courier_viewer()};
  const auto found = co_await w.query<delivery::state>(req, w.services().deliveries, wanted);
  co_return resource(req, view_for(req, found), found.version);
}

task<response> accept_delivery(worker& w, const request& req) {
  co_return co_await say(w, req, courier_word::accepted);
}

task<response> decline_delivery(worker& w, const request& req) {
  co_return co_await say(w, req, courier_word::declined);
}

task<response> start_delivery(worker& w, const request& req) {
  co_return co_await say(w, req, courier_word::started);
}

task<response> complete_delivery(worker& w, const request& req) {
  co_return co_await say(w, req, courier_word::completed);
}

task<response> abort_delivery(worker& w, const request& req) {
  co_return co_await say(w, req, courier_word::aborted);
}

} // namespace waybill::http
