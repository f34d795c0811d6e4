#include "domain/base/errors.hpp"
#include "domain/diagnosis/difference.hpp"
#include "domain/diagnosis/explanation.hpp"
#include "domain/diagnosis/timeline.hpp"
#include "domain/json/codec.hpp"
#include "domain/order_view/history.hpp"
#include "domain/webhook/endpoint.hpp"
#include "messages/order/order_record.hpp"
#include "shell/run/executor.hpp"
#include "shell/views/order_views.hpp"
#include "shell/views/render.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>

// One order: what it is and was, where its time went, why it waits, all of it in a file.

namespace waybill::shell {

namespace {

constexpr std::uint32_t events_at_once = 500;

/// An order after each of its events, until `wanted` says that it is enough.
struct past_order {
  order::history history;
  timestamp at;
};

template <class Wanted>
result<past_order> fold(const std::vector<stored_event>& events, const std::string& order, Wanted wanted) {
  past_order past;
  for (const auto& item : events) {
    if (item.stream != order)
      continue;
    if (past.history.present().version == 0 && item.version != 1)
      return failure{ec::cursor_expired, "the first events of the order have been removed"};
    if (!wanted(item))
      break;
    const auto event = decode_event<order::event>(item.type, item.schema, item.data);
    if (event.has_error())
      return event.error();
    past.history.add(*event, item.at);
    past.at = item.at;
  }
  if (past.history.present().version == 0)
    return failure{ec::not_found, "the order was not there then"};
  return past;
}

/// Fails with ec::not_found when the order does not have the version.
result<past_order> fold_to(const std::vector<stored_event>& events, const std::string& order, std::uint64_t version) {
  auto past = fold(events, order, [version](const stored_event& event) { return event.version <= version; });
  if (past.has_value() && past->history.present().version != version)
    return failure{ec::not_found, "there is no version " + std::to_string(version) + " of the order"};
  return past;
}

/// `ord_...`: of an order, its payment and its delivery.
std::string type_of(const std::string& stream) {
  if (stream.starts_with(payment_id::prefix()))
    return "payment";
  return stream.starts_with(delivery_id::prefix()) ? "delivery" : "order";
}

} // namespace

result<std::vector<stored_event>> executor::events_of(const std::string& order) {
  std::vector<stored_event> events;
  read_log query{.after = {},
                 .filter = {.types = {}, .stream = {}, .order = order, .customer = {}},
                 .limit = events_at_once,
                 .from_earliest = true,
                 .unsettled = true};
  // A page that is not full has reached the end of what there is.
  for (bool more = true; more;) {
    auto page = node_.ask(query);
    if (page.has_error())
      return page.error();
    more = page->events.size() == events_at_once && events.size() < most_recorded;
    query.after = page->next;
    query.seen = std::move(page->seen);
    query.from_earliest = false;
    std::ranges::move(page->events, std::back_inserter(events));
  }
  return events;
}

int executor::operator()(const order_command& command) {
  const bool looks_back = command.timeline || command.version || command.at;
  // What it was needs only the log.
  const auto order = looks_back ? result<entity_description>{} : node_.ask(inspect_actor{"order", command.id});
  if (order.has_error())
    return complain(order.error());
  const auto events = events_of(command.id);
  if (events.has_error())
    return complain(events.error());
  if (!looks_back)
    return print(render_order(*order, *events, format_));
  if (!command.timeline)
    return show_past(command, *events);
  const auto record = record_of(*events);
  if (!record.empty() && !is_complete_record(record, command.id))
    return complain({ec::cursor_expired, "the first events of the order have been removed"});
  const bool is_cut = events->size() >= most_recorded;
  auto whole = diagnosis::timeline_of(record, is_cut ? events->back().at : now());
  if (whole.has_error())
    return complain(whole.error());
  whole->complete = !is_cut;
  return print(render(*whole, format_));
}

int executor::show_past(const order_command& command, const std::vector<stored_event>& events) {
  const auto past = command.version
                      ? fold_to(events, command.id, *command.version)
                      : fold(events, command.id, [&](const stored_event& event) { return event.at <= *command.at; });
  if (past.has_error())
    return complain(past.error());
  return print(render_past(past->history.present(), past->at, format_));
}

int executor::operator()(const diff_command& command) {
  const auto events = events_of(command.id);
  if (events.has_error())
    return complain(events.error());
  const auto before = fold_to(*events, command.id, command.from);
  if (before.has_error())
    return complain(before.error());
  const auto after = fold_to(*events, command.id, command.to);
  if (after.has_error())
    return complain(after.error());
  const auto changes = changes_between(before->history.present(), after->history.present(), format_);
  if (changes.has_error())
    return complain(changes.error());
  compared_versions compared{command.id, command.from, command.to, *changes, {}};
  const auto [low, high] = std::minmax(command.from, command.to);
  for (const auto& event : *events)
    if (event.stream == command.id && event.version > low && event.version <= high)
      compared.events.push_back(event.type);
  return print(render(compared, format_));
}

int executor::operator()(const why_command& command) {
  const auto events = events_of(command.id);
  if (events.has_error())
    return complain(events.error());
  const auto record = record_of(*events);
  if (!record.empty() && !is_complete_record(record, command.id))
    return complain({ec::cursor_expired, "the first events of the order have been removed"});
  // An order whose region cannot be asked tells what is stored all the same.
  const auto progress = node_.ask(get_order_progress{order_id{command.id}, of_everything()});
  std::vector<diagnosis::open_work> open;
  if (progress.has_value())
    for (const auto& step : progress->steps)
      open.push_back({std::string{name_of(step.step)}, step.attempts, step.under_way, step.next, step.last_failure});
  const auto at = now();
  auto why = diagnosis::explain(open, record, at);
  if (why.has_error())
    return complain(why.error());
  if (progress.has_error() && progress.error().code != ec::not_found && why->last_error.empty())
    why->last_error = "its node cannot be asked: " + progress.error().detail;
  why->troubles = troubles_of_all();
  const auto past = fold(*events, command.id, [](const stored_event&) { return true; });
  if (past.has_error())
    return complain(past.error());
  return print(render_why(past->history.present(), *why, at, format_));
}

int executor::operator()(const export_command& command) {
  order_export all{command.id, now(), {}, {}, {}};
  const auto known = events_of(command.id);
  if (known.has_error())
    return complain(known.error());
  if (!is_complete_record(record_of(*known), command.id))
    return complain(known->empty() ? failure{ec::not_found, "there is no order " + command.id}
                                   : failure{ec::cursor_expired, "the first events of the order have been removed"});
  if (known->size() >= most_recorded)
    return complain({ec::conflict, "the order has too many events for one file"});
  std::set<std::string> streams;
  for (const auto& event : *known)
    streams.insert(event.stream);
  for (const auto& stream : streams) {
    const auto entity = node_.ask(inspect_actor{type_of(stream), stream});
    if (entity.has_error())
      return complain(entity.error());
    all.states.push_back({stream, entity->version, entity->state});
  }
  // After the states, so that no state is newer than the events.
  auto events = events_of(command.id);
  if (events.has_error())
    return complain(events.error());
  all.events = std::move(*events);
  const auto endpoints = node_.ask(list_webhooks{{}, 50});
  if (endpoints.has_error())
    return complain(endpoints.error());
  for (const auto& stored : endpoints->webhooks) {
    const auto endpoint = decode<webhook::state>(stored.state);
    if (endpoint.has_error())
      return complain(endpoint.error());
    event_filter wanted;
    wanted.types = endpoint->types;
    for (const auto& event : all.events) {
      if (!matches(wanted, event))
        continue;
      list_webhook_deliveries query;
      query.endpoint = endpoint->id.value;
      query.message = webhook::message_of(event_id(event)).value;
      query.limit = 1;
      const auto found = node_.ask(query);
      if (found.has_error())
        return complain(found.error());
      std::ranges::copy(found->deliveries, std::back_inserter(all.webhook_messages));
    }
  }
  const auto text = to_json(all);
  if (text.has_error())
    return complain(text.error());
  return print(*text + '\n');
}

int executor::operator()(const replay_command& command) {
  std::vector<replayed_file> files;
  bool all_same = true;
  const auto shown = format_ == output_format::table ? diagnosis::amounts::readable : diagnosis::amounts::minor_units;
  for (const auto& name : command.files) {
    std::ifstream file{name};
    if (!file)
      return complain({ec::not_found, name + " cannot be read"});
    const std::string text{std::istreambuf_iterator<char>{file}, {}};
    const auto order = diagnosis::read_export(text);
    if (order.has_error())
      return complain({ec::invalid_argument, name + ": " + order.error().detail});
    files.push_back({name, order->id, order->program, diagnosis::replay(*order, shown)});
    all_same = all_same && files.back().deviations.empty();
  }
  print(render(files, format_));
  return all_same ? 0 : 1;
}

} // namespace waybill::shell
