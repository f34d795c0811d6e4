#include "domain/base/errors.hpp"
#include "domain/base/number.hpp"
#include "domain/diagnosis/difference.hpp"
#include "domain/diagnosis/timeline_json.hpp"
#include "domain/json/codec.hpp"
#include "gateway/http/reading.hpp"
#include "gateway/routes/handlers.hpp"
#include "gateway/routes/orders/diagnosis/order_record.hpp"
#include "gateway/routes/orders/order_events.hpp"
#include "gateway/routes/orders/order_views.hpp"

#include <algorithm>

// What happened to one order, for who looks for a cause: where its time went, what a version changed, all of it in a
// file.

namespace waybill::http::routes::orders {

namespace {

/// A version of the order in the query.
std::uint64_t read_version(query_reader& from, std::string_view name) {
  const auto* text = from.find(name);
  if (text == nullptr) {
    from.complain(name, "is required");
    return 0;
  }
  const auto version = parse_number<std::uint64_t>(*text).value_or(0);
  if (version == 0 || version > most_versions)
    from.complain(name, "must be a version from 1 to " + std::to_string(most_versions));
  return version;
}

std::string order_text(const std::vector<stored_event>& events, std::uint64_t version) {
  const std::vector<stored_event> until(events.begin(), events.begin() + static_cast<std::ptrdiff_t>(version));
  return text_of(write_order, history_of(until).present());
}

void write_json(json_writer& out, std::string_view name, const std::string& json) {
  out.key(name);
  if (json.empty())
    out.null();
  else
    out.raw(json);
}

void write_end(json_writer& out, std::string_view name, const stored_event& event) {
  out.key(name).begin_object().member("version", event.version).member("at", to_rfc3339(event.at)).end_object();
}

std::string_view word_for(const diagnosis::difference& change) {
  if (change.before.empty())
    return "added";
  return change.after.empty() ? "removed" : "changed";
}

} // namespace

task<response> show_timeline(context& ctx, const request& req) {
  const auto id = path_id<order_id>(req);
  const auto all = co_await read_record(ctx, req, id);
  const auto record = record_of(all.events);
  auto whole = diagnosis::timeline_of(record, all.is_cut ? record.back().at : now());
  if (!whole)
    throw to_problem(whole.error());
  whole->complete = !all.is_cut;
  json_writer out;
  diagnosis::write_timeline(out, *whole);
  response result;
  result.body = out.take();
  co_return result;
}

task<response> show_difference(context& ctx, const request& req) {
  query_reader from{req};
  const auto before = read_version(from, "from");
  const auto after = read_version(from, "to");
  const auto id = path_id<order_id>(req);
  const auto last = std::clamp<std::uint64_t>(std::max(before, after), 1, most_versions);
  const auto events = co_await events_up_to(ctx, req, id, last);
  if (events.empty() || !req.caller.as_viewer().may_see(customer_id{events.front().customer}))
    throw not_found("there is no order " + id.value);
  // Whose order it is comes first: nobody learns from a mistake that an order exists.
  from.finish();
  if (!is_complete(events))
    throw problem{410, "cursor_expired", "the first events of the order have been removed", {}, {}};
  if (events.back().version != last)
    throw not_found("there is no such version of the order");
  const auto changes = diagnosis::differences_between(order_text(events, before), order_text(events, after));
  if (!changes)
    throw to_problem(changes.error());
  json_writer out;
  out.begin_object().member("order_id", id.value);
  write_end(out, "from", events[before - 1]);
  write_end(out, "to", events[after - 1]);
  out.key("changes").begin_array();
  for (const auto& change : *changes) {
    out.begin_object().member("pointer", change.pointer).member("change", word_for(change));
    write_json(out, "before", change.before);
    write_json(out, "after", change.after);
    out.end_object();
  }
  response result;
  result.body = out.end_array().end_object().take();
  co_return result;
}

task<response> export_order(context& ctx, const request& req) {
  const auto id = path_id<order_id>(req);
  order_export all{id.value, now(), {}, {}, {}};
  const auto known = co_await read_record(ctx, req, id);
  all.states = co_await read_states(ctx, req, known.events);
  // After the states, so that no state is newer than the events.
  auto record = co_await read_record(ctx, req, id);
  if (record.is_cut)
    throw problem{409, "conflict", "the order has too many events for one file", {}, {}};
  all.events = std::move(record.events);
  all.webhook_messages = co_await read_messages(ctx, req, all.events);
  auto text = to_json(all);
  if (!text)
    throw to_problem(text.error());
  response result;
  result.body = std::move(*text);
  result.headers.emplace_back("Content-Disposition", "attachment; filename=\"" + id.value + ".json\"");
  co_return result;
}

} // namespace waybill::http::routes::orders
