#include "domain/base/number.hpp"
#include "domain/json/codec.hpp"
#include "gateway/http/reading.hpp"
#include "gateway/routes/handlers.hpp"
#include "gateway/routes/orders/order_events.hpp"
#include "gateway/routes/orders/order_views.hpp"


// An order as it was: its events, one after the other, up to a version. The order itself is not asked, so that looking
// back brings nothing into memory.

namespace waybill::http::routes::orders {

namespace {

problem no_such_version() {
  return not_found("there is no such version of the order");
}

std::uint64_t read_version(const std::string& text) {
  const auto version = parse_number<std::uint64_t>(text).value_or(0);
  if (version == 0)
    throw no_such_version();
  if (version > most_versions)
    throw not_found("only the first " + std::to_string(most_versions) + " versions of an order can be shown");
  return version;
}

} // namespace

task<std::vector<stored_event>> events_up_to(context& ctx, const request& req, const order_id& id,
                                             std::uint64_t version) {
  constexpr std::uint32_t page_size = 500;
  std::vector<stored_event> events;
  for (std::uint64_t behind = 0; behind < version;) {
    const auto left = static_cast<std::uint32_t>(std::min<std::uint64_t>(version - behind, page_size));
    const read_stream_events query{id.value, behind, left};
    auto page = co_await ctx.query<stream_events>(req, ctx.services().reader, query);
    if (page.events.empty())
      break;
    behind = page.events.back().version;
    const bool last = page.events.size() < left;
    std::move(page.events.begin(), page.events.end(), std::back_inserter(events));
    if (last)
      break;
  }
  while (!events.empty() && events.back().version > version)
    events.pop_back();
  co_return events;
}

bool is_complete(const std::vector<stored_event>& events) {
  return !events.empty() && events.front().version == 1;
}

order::history history_of(const std::vector<stored_event>& events) {
  order::history past;
  for (const auto& item : events) {
    const auto event = decode_event<order::event>(item.type, item.schema, item.data);
    if (!event)
      throw to_problem(event.error());
    past.add(*event, item.at);
  }
  return past;
}

task<response> show_version(context& ctx, const request& req) {
  // /v1/orders/{id}/history/{version}
  const auto& text = req.segments.at(2);
  if (!is_id(text, order_id::prefix()))
    throw not_found("there is no such ord id");
  const order_id id{text};
  const auto version = read_version(req.id);
  const auto events = co_await events_up_to(ctx, req, id, version);
  if (events.empty() || !req.caller.as_viewer().may_see(customer_id{events.front().customer}))
    throw not_found("there is no order " + id.value);
  if (events.back().version != version)
    throw no_such_version();
  if (!is_complete(events))
    throw problem{410, "cursor_expired", "the first events of the order have been removed", {}, {}};
  const auto past = history_of(events);
  co_return resource(req, text_of(write_order, past.present()), version);
}

} // namespace waybill::http::routes::orders
