#include "domain/base/errors.hpp"
#include "domain/json/codec.hpp"
#include "gateway/http/json_members.hpp"
#include "gateway/http/reading.hpp"
#include "gateway/routes/handlers.hpp"
#include "gateway/routes/orders/order_events.hpp"
#include "messages/cluster/placement.hpp"

// What an order waits for, and how far it has come with it. An order that has left the memory is read from the
// database: it is neither loaded nor kept by the question.

namespace waybill::http::routes::orders {

namespace {

/// The order's region cannot be asked, for instance because no node has its role: what is stored is told all the same.
task<order_progress> ask_region(context& ctx, const request& req, const order_id& id) {
  const get_order_progress question{id, req.caller.as_viewer()};
  auto answer = co_await ctx.ask_for<order_progress>(ctx.services().orders, question);
  if (!answer && answer.error().code == ec::not_found)
    throw to_problem(answer.error());
  co_return answer ? std::move(*answer) : order_progress{};
}

task<void> read_stored(context& ctx, const request& req, const order_id& id, order_progress& to) {
  const load_entity query{entity_kind::order, id.value};
  const auto stored = co_await ctx.query<stored_entity>(req, ctx.services().reader, query);
  if (!stored.state.empty()) {
    auto state = decode<order::state>(stored.state);
    if (!state)
      throw to_problem(state.error());
    to.order = std::move(*state);
  }
  for (const auto& item : stored.later) {
    const auto event = decode_event<order::event>(item.type, item.schema, item.data);
    if (!event)
      throw to_problem(event.error());
    order::apply(to.order, *event, item.at);
  }
  if (to.order.version == 0 || !req.caller.as_viewer().may_see(to.order.customer))
    throw not_found("there is no order " + id.value);
  if (stored.unfinished && stored.due && *stored.due < timestamp::max())
    to.next_timer = stored.due;
}

void write_step(json_writer& out, const open_step& step) {
  out.begin_object().member("step", waybill::name_of(step.step)).member("attempts", std::uint64_t{step.attempts});
  out.member("under_way", step.under_way);
  write_time(out, "since", step.since);
  write_time(out, "next_at", step.next);
  write_optional(out, "last_failure", step.last_failure);
  out.end_object();
}

/// What customers need not know.
void write_whereabouts(json_writer& out, const order_progress& progress) {
  bool retrying = false;
  out.key("steps").begin_array();
  for (const auto& step : progress.steps) {
    write_step(out, step);
    retrying = retrying || !step.last_failure.empty();
  }
  out.end_array().member("retrying", retrying);
  write_time(out, "next_timer_at", progress.next_timer);
  write_optional(out, "node", progress.node);
  out.member("shard", std::uint64_t{shard_of(progress.order.id.value)}).member("in_memory", progress.in_memory);
}

} // namespace

task<response> show_progress(context& ctx, const request& req) {
  const auto id = path_id<order_id>(req);
  auto progress = co_await ask_region(ctx, req, id);
  if (!progress.in_memory)
    co_await read_stored(ctx, req, id, progress);
  const auto& order = progress.order;
  const auto reason = order::waiting_of(order);
  std::optional<timestamp> since;
  if (order.version <= most_versions)
    if (const auto events = co_await events_up_to(ctx, req, id, order.version); is_complete(events))
      since = history_of(events).since();
  json_writer out;
  out.begin_object()
    .member("order_id", order.id.value)
    .member("status", waybill::name_of(order.status))
    .member("version", order.version);
  write_optional(out, "waits_for", std::string{order::word_for(reason)});
  write_time(out, "since", since);
  write_time(out, "deadline", order.step_by);
  write_time(out, "dispatch_at", order.status == order::status::confirmed ? order.dispatch_at : std::nullopt);
  if (req.caller.is_operator())
    write_whereabouts(out, progress);
  response result;
  result.body = out.end_object().take();
  co_return result;
}

} // namespace waybill::http::routes::orders
