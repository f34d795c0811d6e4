#include "gateway/routes/handlers.hpp"
#include "gateway/routes/orders/order_views.hpp"
#include "gateway/streams/event_query.hpp"

namespace waybill::http {

namespace {

task<response> page_of_events(worker& w, const request& req, query_reader& from, read_log wanted) {
  // Without a place, with the oldest event that is kept: then there is none before it that could be missed.
  const auto* after = from.find("after");
  wanted.from_earliest = !after || after->empty() || *after == earliest;
  if (!wanted.from_earliest) {
    if (auto at = parse_log_position(*after))
      wanted.after = *at;
    else
      from.complain("after", "is not a position in the log");
  }
  wanted.limit = from.limit();
  from.finish();
  // A page may be short, even empty, long before the end of the log: what tells is how far it went.
  const auto end = co_await w.query<log_position>(req, w.services().reader, get_log_end{});
  const auto page = co_await w.query<log_page>(req, w.services().reader, wanted);
  json_writer items;
  items.begin_array();
  for (const auto& one : page.events)
    write_event(items, one);
  items.end_array();
  const bool complete = page.next >= end || page.next == wanted.after;
  co_return list_response(req, items.take(), complete ? "" : to_string(page.next), "after");
}

} // namespace

void narrow(event_filter& filter, const caller& who) {
  if (!who.is_operator())
    filter.customer = who.customer.value;
  // Couriers see what is theirs besides.
  filter.courier = who.is_operator() ? std::string{} : who.as_courier().value;
}

event_filter read_event_filter(query_reader& from, const caller& who) {
  event_filter filter;
  filter.types = from.all("type");
  filter.stream = from.text("stream", max_filter_word);
  filter.order = from.text("order", max_filter_word);
  filter.customer = from.text("customer", max_filter_word);
  if (auto wrong = check_filter(filter); !wrong.empty())
    from.complain("type", std::move(wrong));
  narrow(filter, who);
  return filter;
}

task<response> list_events(worker& w, const request& req) {
  query_reader from{req};
  read_log wanted;
  wanted.filter = read_event_filter(from, req.who);
  co_return co_await page_of_events(w, req, from, std::move(wanted));
}

task<response> list_order_events(worker& w, const request& req) {
  query_reader from{req};
  read_log wanted;
  wanted.filter.types = from.all("type");
  if (auto wrong = check_filter(wanted.filter); !wrong.empty())
    from.complain("type", std::move(wrong));
  const auto found = co_await visible_order(w, req);
  wanted.filter.order = found.id.value;
  co_return co_await page_of_events(w, req, from, std::move(wanted));
}

} // namespace waybill::http
