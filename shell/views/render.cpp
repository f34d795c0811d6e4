#include "shell/views/render.hpp"

#include "shell/views/json_values.hpp"
#include "shell/views/listing.hpp"

#include "domain/base/errors.hpp"
#include "domain/diagnosis/explanation.hpp"
#include "domain/json/codec.hpp"
#include "domain/json/readable_amounts.hpp"
#include "domain/json/utf8.hpp"
#include "domain/order_view/waiting.hpp"
#include "messages/entity_types.hpp"

#include <boost/describe/enum_to_string.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_from.hpp>

#include <algorithm>

namespace waybill::shell {

namespace json = boost::json;

namespace {

/// Stored JSON as a value; text that is none stays text, so that it can be looked at.
json::value to_value(const std::string& text) {
  boost::system::error_code problem;
  auto value = json::parse(text, problem);
  return problem ? json::value(json::string(text)) : value;
}

std::string line_of(const json::value& value) {
  return json::serialize(value) + '\n';
}

std::string role_words(const std::vector<role>& roles) {
  std::string text;
  for (const auto held : roles)
    text += (text.empty() ? "" : ",") + std::string{boost::describe::enum_to_string(held, "unknown")};
  return text;
}

/// A node that is alone has no lease.
std::string lease_text(timestamp lease_until) {
  return lease_until == timestamp::max() ? std::string{"-"} : to_rfc3339(lease_until);
}

json::value to_json(const node_entry& node) {
  json::array roles;
  for (const auto held : node.roles)
    roles.emplace_back(boost::describe::enum_to_string(held, "unknown"));
  return json::object{
    {"node", node.node},
    {"incarnation", node.incarnation},
    {"address", node.address},
    {"http", node.http},
    {"roles", std::move(roles)},
    {"lease_until", node.lease_until == timestamp::max() ? json::value() : json::value(to_rfc3339(node.lease_until))},
    {"reachable", node.reachable},
    {"state", boost::describe::enum_to_string(node.state, "unknown")}};
}

json::value to_json(const actor_entry& actor) {
  return json::object{{"type", actor.type},
                      {"id", actor.id},
                      {"node", actor.node},
                      {"mailbox", actor.mailbox},
                      {"handled", actor.handled}};
}

/// The form of an event in the HTTP contract.
json::object to_json(const stored_event& event) {
  return {{"id", event_id(event)},
          {"position", to_string(event.position)},
          {"stream", event.stream},
          {"version", event.version},
          {"type", event.type},
          {"schema", event.schema},
          {"occurred_at", to_rfc3339(event.at)},
          {"correlation_id", event.origin.correlation_id},
          {"causation_id", event.origin.causation_id},
          {"by", json::object{{"kind", event.origin.by_kind}, {"id", event.origin.by_id}}},
          {"node", event.node},
          {"data", to_value(event.data)}};
}

json::value null_if_empty(std::string text) {
  return text.empty() ? json::value() : json::value(json::string(text));
}

/// A text in the state; a dash when it is not there or is empty.
std::string member_of(const json::value& state, std::string_view name) {
  if (const auto* object = state.if_object())
    if (const auto* member = object->if_contains(name))
      if (const auto* text = member->if_string(); text != nullptr && !text->empty())
        return std::string{*text};
  return "-";
}

/// What a table shows as a dash is null in JSON.
json::value to_json_text(const std::string& shown) {
  return shown == "-" ? json::value() : json::value(json::string(shown));
}

std::string status_of(const json::value& state) {
  return member_of(state, "status");
}

std::string waits_for(const std::string& awaited, const std::string& status) {
  return status == "needs_attention" ? "an operator" : awaited;
}

/// What an operator can type for an order that cannot go on by itself. None for a state that this program does not
/// understand: the node may be newer.
std::vector<std::string> remedies_of(const entity_description& order) {
  auto state = decode<order::state>(order.state);
  if (!state || state->status != order::status::needs_attention)
    return {};
  state->id = order_id{order.id};
  return diagnosis::remedies_for(order::waiting::attention, *state);
}

json::array to_json(const violations& all) {
  json::array list;
  for (const auto& violation : all)
    list.push_back(
      json::object{{"invariant", violation.invariant}, {"subject", violation.subject}, {"detail", violation.detail}});
  return list;
}

json::value to_json(const std::optional<timestamp>& time) {
  return time ? json::value(to_rfc3339(*time)) : json::value();
}

std::string text_of(const std::optional<timestamp>& time) {
  return time ? to_rfc3339(*time) : "never";
}

std::string safe(std::string text) {
  std::ranges::replace_if(
    text, [](unsigned char c) { return c < 0x20 || c == 0x7F; }, '?');
  return text;
}

} // namespace

std::string render_table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], count_code_points(row[i]));
  }
  std::string text;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      text += safe(row[i]);
      if (i + 1 < row.size())
        text.append(widths[i] - count_code_points(row[i]) + 2, ' ');
    }
    text += '\n';
  }
  return text;
}

std::string render(const node_list& list, output_format format) {
  listing shown{"nodes", {"NODE", "ROLES", "ADDRESS", "HTTP", "STATE", "REACHABLE", "LEASE UNTIL"}, {}, {}};
  for (const auto& node : list.nodes) {
    shown.items.push_back(to_json(node));
    shown.rows.push_back({node.node, role_words(node.roles), node.address, node.http.empty() ? "-" : node.http,
                          boost::describe::enum_to_string(node.state, "unknown"), node.reachable ? "yes" : "no",
                          lease_text(node.lease_until)});
  }
  return render(shown, format);
}

std::string render(const actor_list& list, output_format format) {
  listing shown{"actors", {"TYPE", "ID", "NODE", "MAILBOX", "HANDLED"}, {}, {}};
  for (const auto& actor : list.actors) {
    shown.items.push_back(to_json(actor));
    shown.rows.push_back(
      {actor.type, actor.id, actor.node, std::to_string(actor.mailbox), std::to_string(actor.handled)});
  }
  shown.more = {{"total", list.total}, {"missing", json::value_from(list.missing)}};
  if (list.actors.size() < list.total)
    shown.remark = std::to_string(list.actors.size()) + " of " + std::to_string(list.total) + " actors\n";
  shown.remark += missing_text(list.missing);
  return render(shown, format);
}

std::string render(const inspect_command& inspected, const entity_description& entity, output_format format) {
  auto state = to_value(entity.state);
  if (format == output_format::json)
    return line_of(json::object{{"type", inspected.type},
                                {"id", entity.id},
                                {"node", entity.node},
                                {"version", entity.version},
                                {"waits_for", null_if_empty(entity.waits_for)},
                                {"state", with_api_names(std::move(state))}});
  auto text = render_table({{inspected.type, entity.id},
                            {"node", entity.node},
                            {"version", std::to_string(entity.version)},
                            {"waits for", entity.waits_for.empty() ? "nothing" : entity.waits_for}});
  pretty(text, with_readable_amounts(std::move(state)), 0);
  return text + '\n';
}

std::string render_order(const entity_description& order, const std::vector<stored_event>& events,
                         output_format format) {
  auto state = to_value(order.state);
  if (format == output_format::json) {
    json::array list;
    for (const auto& event : events)
      list.emplace_back(to_json(event));
    return line_of(json::object{{"id", order.id},
                                {"node", order.node},
                                {"version", order.version},
                                {"status", to_json_text(status_of(state))},
                                {"waits_for", null_if_empty(waits_for(order.waits_for, status_of(state)))},
                                {"reason", to_json_text(member_of(state, "reason"))},
                                {"remedies", json::value_from(remedies_of(order))},
                                {"order", with_api_names(std::move(state))},
                                {"events", std::move(list)}});
  }
  state = with_readable_amounts(std::move(state));
  const auto commands = remedies_of(order);
  const auto awaited = waits_for(order.waits_for, status_of(state));
  std::vector<std::vector<std::string>> about{{"order", order.id},
                                              {"status", status_of(state)},
                                              {"total", member_of(state, "total")},
                                              {"reason", member_of(state, "reason")},
                                              {"waits for", awaited.empty() ? "nothing" : awaited},
                                              {"node", order.node},
                                              {"version", std::to_string(order.version)}};
  for (std::size_t i = 0; i < commands.size(); ++i)
    about.push_back({i == 0 ? "you can" : "", commands[i]});
  auto text = render_table(about);
  std::vector<std::vector<std::string>> rows{{"TIME", "EVENT", "STREAM", "VERSION", "NODE"}};
  for (const auto& event : events)
    rows.push_back({to_rfc3339(event.at), event.type, event.stream, std::to_string(event.version), event.node});
  return text + '\n' + render_table(rows);
}

std::vector<std::string> event_heading() {
  return {"time", "position", "type", "stream", "version", "node", "data"};
}

std::string render(const stored_event& event, output_format format) {
  if (format == output_format::json || format == output_format::jsonl)
    return line_of(to_json(event));
  if (format == output_format::csv)
    return csv_line({to_rfc3339(event.at), to_string(event.position), event.type, event.stream,
                     std::to_string(event.version), event.node, event.data});
  const auto data = with_readable_amounts(to_value(event.data));
  return safe(to_rfc3339(event.at) + "  " + to_string(event.position) + "  " + event.type + "  " + event.stream + "  "
              + (data.is_string() ? event.data : json::serialize(data)))
         + '\n';
}

std::string render(const order::state& order, output_format format) {
  const std::string status{name_of(order.status)};
  if (format == output_format::json)
    return line_of(json::object{{"id", order.id.value},
                                {"status", status},
                                {"payment_status", name_of(order.payment_status)},
                                {"fulfillment_status", name_of(order.fulfillment_status)},
                                {"reason", null_if_empty(order.reason)},
                                {"version", order.version}});
  return render_table({{"order", order.id.value},
                       {"status", status},
                       {"payment", std::string{name_of(order.payment_status)}},
                       {"fulfillment", std::string{name_of(order.fulfillment_status)}},
                       {"reason", order.reason.empty() ? "-" : order.reason},
                       {"version", std::to_string(order.version)}});
}

std::string render(const audit_report& report, output_format format) {
  if (format == output_format::json) {
    json::array open;
    for (const auto& entry : report.open)
      open.push_back(json::object{{"invariant", entry.violation.invariant},
                                  {"subject", entry.violation.subject},
                                  {"detail", entry.violation.detail},
                                  {"found_at", to_rfc3339(entry.found_at)}});
    json::object counts;
    for (const auto& count : report.found)
      counts[count.invariant] = count.found;
    return line_of(json::object{{"violations", std::move(open)},
                                {"found", std::move(counts)},
                                {"events", report.events},
                                {"units", report.units},
                                {"position", to_string(report.position)},
                                {"behind_ms", report.behind.count()},
                                {"walked_at", to_json(report.walked_at)},
                                {"saved_at", to_json(report.saved_at)}});
  }
  auto text = render_table({{"violations", std::to_string(report.open.size())},
                            {"events checked", std::to_string(report.events)},
                            {"behind", std::to_string(report.behind.count()) + " ms"},
                            {"all tables checked", text_of(report.walked_at)},
                            {"last heard of", text_of(report.saved_at)}});
  if (report.open.empty())
    return text;
  std::vector<std::vector<std::string>> rows{{"INVARIANT", "SUBJECT", "FOUND", "WHAT"}};
  for (const auto& entry : report.open)
    rows.push_back(
      {entry.violation.invariant, entry.violation.subject, to_rfc3339(entry.found_at), entry.violation.detail});
  return text + '\n' + render_table(rows);
}

std::string render(const full_audit_progress& result, output_format format) {
  if (format == output_format::json)
    return line_of(json::object{{"violations", to_json(result.found)},
                                {"total", result.total_found},
                                {"units", result.units},
                                {"events", result.events},
                                {"done", result.done}});
  std::string text;
  if (!result.found.empty()) {
    std::vector<std::vector<std::string>> rows{{"INVARIANT", "SUBJECT", "WHAT"}};
    for (const auto& violation : result.found)
      rows.push_back({violation.invariant, violation.subject, violation.detail});
    text = render_table(rows) + '\n';
  }
  return text + std::to_string(result.total_found) + " violations in " + std::to_string(result.units) + " units and "
         + std::to_string(result.events) + " events\n";
}

std::string progress_line(const full_audit_progress& progress) {
  return safe(std::to_string(progress.units) + " units, " + std::to_string(progress.events) + " events, "
              + std::to_string(progress.total_found) + " violations, at " + progress.at);
}

std::string render_drained(const std::string& node, output_format format) {
  if (format == output_format::json)
    return line_of(json::object{{"node", node}, {"drained", true}});
  return "node " + node + " has handed over and left\n";
}

int exit_code_of(ec code) {
  switch (code) {
    case ec::none: return 0;
    case ec::invalid_argument: return 2;
    case ec::not_found: return 3;
    case ec::unavailable:
    case ec::timed_out: return 8;
    default: return 1;
  }
}

} // namespace waybill::shell
