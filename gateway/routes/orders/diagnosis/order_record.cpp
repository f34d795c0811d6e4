#include "gateway/routes/orders/diagnosis/order_record.hpp"

#include "domain/delivery.hpp"
#include "domain/json/codec.hpp"
#include "domain/payment.hpp"
#include "domain/webhook/endpoint.hpp"
#include "gateway/http/problem.hpp"

#include <algorithm>
#include <iterator>
#include <set>

namespace waybill::http::routes::orders {

namespace {

template <class T>
T readable(result<T> read) {
  if (!read)
    throw to_problem(read.error());
  return std::move(*read);
}

template <class State, class Event>
task<diagnosis::exported_state> read_state(context& ctx, const request& req, entity_kind kind,
                                           const std::string& stream) {
  const load_entity query{kind, stream};
  const auto stored = co_await ctx.query<stored_entity>(req, ctx.services().reader, query);
  State state{};
  if (!stored.state.empty())
    state = readable(decode<State>(stored.state));
  for (const auto& item : stored.later)
    apply(state, readable(decode_event<Event>(item.type, item.schema, item.data)), item.at);
  co_return diagnosis::exported_state{stream, state.version, encode<json_members::visible>(state)};
}

} // namespace

task<whole_record> read_record(context& ctx, const request& req, const order_id& id) {
  constexpr std::uint32_t page_size = 500;
  whole_record all;
  read_log query;
  query.filter.order = id.value;
  query.limit = page_size;
  query.from_earliest = true;
  query.unsettled = true;
  for (bool more = true; more && !all.is_cut;) {
    auto page = co_await ctx.query<log_page>(req, ctx.services().reader, query);
    more = page.events.size() == page_size;
    query.after = page.next;
    query.seen = std::move(page.seen);
    query.from_earliest = false;
    std::ranges::move(page.events, std::back_inserter(all.events));
    all.is_cut = more && all.events.size() >= most_recorded;
  }
  const auto own = std::ranges::find(all.events, id.value, &stored_event::stream);
  if (own == all.events.end() || !req.caller.as_viewer().may_see(customer_id{own->customer}))
    throw not_found("there is no order " + id.value);
  if (own->version != 1)
    throw problem{410, "cursor_expired", "the first events of the order have been removed", {}, {}};
  co_return all;
}

task<std::vector<diagnosis::exported_state>> read_states(context& ctx, const request& req,
                                                         const std::vector<stored_event>& events) {
  std::set<std::string> streams;
  for (const auto& event : events)
    streams.insert(event.stream);
  std::vector<diagnosis::exported_state> states;
  for (const auto& stream : streams) {
    if (stream.starts_with(order_id::prefix()))
      states.push_back(co_await read_state<order::state, order::event>(ctx, req, entity_kind::order, stream));
    else if (stream.starts_with(payment_id::prefix()))
      states.push_back(co_await read_state<payment::state, payment::event>(ctx, req, entity_kind::payment, stream));
    else
      states.push_back(co_await read_state<delivery::state, delivery::event>(ctx, req, entity_kind::delivery, stream));
  }
  co_return states;
}

task<std::vector<webhook_delivery_row>> read_messages(context& ctx, const request& req,
                                                      const std::vector<stored_event>& events) {
  constexpr std::uint32_t most_endpoints = 50;
  std::vector<webhook_delivery_row> messages;
  const list_webhooks all{{}, most_endpoints};
  const auto page = co_await ctx.query<webhook_page>(req, ctx.services().reader, all);
  for (const auto& stored : page.webhooks) {
    const auto endpoint = decode<webhook::state>(stored.state);
    if (!endpoint)
      throw to_problem(endpoint.error());
    event_filter wanted;
    wanted.types = endpoint->types;
    for (const auto& event : events) {
      if (!matches(wanted, event))
        continue;
      list_webhook_deliveries query;
      query.endpoint = endpoint->id.value;
      query.message = webhook::message_of(event_id(event)).value;
      query.limit = 1;
      auto found = co_await ctx.query<webhook_delivery_page>(req, ctx.services().reader, query);
      std::ranges::move(found.deliveries, std::back_inserter(messages));
    }
  }
  co_return messages;
}

} // namespace waybill::http::routes::orders
