#include "shell/views/order_views.hpp"

#include "domain/diagnosis/timeline_json.hpp"
#include "domain/json/codec.hpp"
#include "domain/json/readable_amounts.hpp"
#include "domain/order_view/order_json.hpp"
#include "domain/order_view/waiting.hpp"
#include "shell/views/json_values.hpp"
#include "shell/views/listing.hpp"
#include "shell/views/render.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_from.hpp>

#include <algorithm>

namespace waybill::shell {

namespace json = boost::json;

namespace {

json::value text_or_null(const std::string& text) {
  return text.empty() ? json::value() : json::value(json::string(text));
}

json::value time_or_null(const std::optional<timestamp>& time) {
  return time ? json::value(to_rfc3339(*time)) : json::value();
}

/// Of values that JSON texts stand for; empty: none.
json::value parsed(const std::string& text) {
  return text.empty() ? json::value() : json::parse(text);
}

json::value to_json(const order::state& order) {
  return with_api_names(json::parse(encode<json_members::visible>(order)));
}

std::string ms(diagnosis::microseconds time) {
  return diagnosis::milliseconds_text(time);
}

std::string dash_if_empty(const std::string& text) {
  return text.empty() ? "-" : text;
}

/// `###   ` where of the whole it lies.
std::string bar_of(diagnosis::microseconds at, diagnosis::microseconds took, diagnosis::microseconds whole) {
  constexpr std::int64_t width = 40;
  const auto all = std::max<std::int64_t>(whole.count(), 1);
  const auto from = std::min(width - 1, at.count() * width / all);
  const auto to = std::clamp((at + took).count() * width / all, from + 1, width);
  return std::string(static_cast<std::size_t>(from), ' ') + std::string(static_cast<std::size_t>(to - from), '#');
}

} // namespace

std::string render(const diagnosis::timeline& whole, output_format format) {
  using diagnosis::share;
  json_writer out;
  diagnosis::write_timeline(out, whole);
  const auto text = out.take();
  // As it is over HTTP: the library would write its times as powers of ten.
  if (format == output_format::json)
    return text + '\n';
  auto document = json::parse(text);
  listing list{
    "steps", {"STEP", "AT MS", "MS", "INSIDE", "OUTSIDE", "WAITING", "WHERE"}, {}, document.at("steps").as_array()};
  for (const auto& step : whole.steps) {
    const auto at = step.from - whole.from;
    list.rows.push_back({std::string{order::word_for(step.reason)}, ms(at), ms(step.took),
                         ms(sum_of(step, share::inside)), ms(sum_of(step, share::outside)),
                         ms(sum_of(step, share::waiting)), bar_of(at, step.took, whole.took)});
  }
  if (format != output_format::table)
    return render(list, format);
  list.rows.push_back({"all", "0.000", ms(whole.took), ms(sum_of(whole, share::inside)),
                       ms(sum_of(whole, share::outside)), ms(sum_of(whole, share::waiting)), ""});
  auto shown = render(list, format);
  std::vector<std::vector<std::string>> attempts{
    {"ASKED FOR", "NUMBER", "AT MS", "MS", "OUTCOME", "WHO OR KEY", "WHY"}};
  for (const auto& step : whole.steps)
    for (const auto& attempt : step.attempts)
      attempts.push_back({attempt.of, std::to_string(attempt.number), ms(attempt.from - whole.from), ms(attempt.took),
                          attempt.outcome.empty() ? "open" : attempt.outcome, dash_if_empty(attempt.asked),
                          dash_if_empty(attempt.reason)});
  if (attempts.size() > 1)
    shown += '\n' + render_table(attempts);
  if (!whole.complete)
    shown += "\nit has more events than are read: only the first are counted\n";
  return shown;
}

std::string render_why(const order::state& order, const diagnosis::explanation& why, timestamp now,
                       output_format format) {
  if (format != output_format::table) {
    json::value led_by;
    if (why.led_by)
      led_by = json::object{{"type", why.led_by->type},
                            {"version", why.led_by->version},
                            {"at", to_rfc3339(why.led_by->at)},
                            {"by", text_or_null(why.led_by->by)}};
    return json::serialize(json::object{{"id", order.id.value},
                                        {"status", name_of(order.status)},
                                        {"waits_for", text_or_null(std::string{order::word_for(why.reason)})},
                                        {"why", why.sentence},
                                        {"since", time_or_null(why.since)},
                                        {"attempts", why.attempts},
                                        {"last_error", text_or_null(why.last_error)},
                                        {"next_at", time_or_null(why.next_at)},
                                        {"deadline", time_or_null(why.deadline)},
                                        {"led_by", std::move(led_by)},
                                        {"remedies", json::value_from(why.remedies)},
                                        {"troubles", json::value_from(why.troubles)}})
           + '\n';
  }
  std::vector<std::vector<std::string>> rows{{"order", order.id.value}, {"status", std::string{name_of(order.status)}}};
  for (auto& [name, value] : rows_of(why, now))
    rows.push_back({name, value});
  return render_table(rows);
}

std::string render_past(const order::state& order, timestamp at, output_format format) {
  if (format != output_format::table)
    return json::serialize(json::object{
             {"id", order.id.value}, {"version", order.version}, {"at", to_rfc3339(at)}, {"order", to_json(order)}})
           + '\n';
  auto text = render_table({{"order", order.id.value},
                            {"version", std::to_string(order.version)},
                            {"at", to_rfc3339(at)},
                            {"status", std::string{name_of(order.status)}},
                            {"waits for", dash_if_empty(std::string{order::word_for(order::waiting_of(order))})}});
  pretty(text, with_readable_amounts(to_json(order)), 0);
  return text + '\n';
}

result<std::vector<diagnosis::difference>> changes_between(const order::state& before, const order::state& after,
                                                           output_format format) {
  const auto text_of = [format](const order::state& order) {
    json_writer out;
    write_order(out, order);
    auto text = out.take();
    return format == output_format::table ? json::serialize(with_readable_amounts(json::parse(text))) : text;
  };
  return diagnosis::differences_between(text_of(before), text_of(after));
}

std::string render(const compared_versions& compared, output_format format) {
  listing list{
    "changes", {"WHAT", "VERSION " + std::to_string(compared.from), "VERSION " + std::to_string(compared.to)}, {}, {}};
  for (const auto& change : compared.changes) {
    list.rows.push_back({change.pointer, dash_if_empty(change.before), dash_if_empty(change.after)});
    list.items.push_back(
      json::object{{"pointer", change.pointer}, {"before", parsed(change.before)}, {"after", parsed(change.after)}});
  }
  list.more = {{"id", compared.order},
               {"from", compared.from},
               {"to", compared.to},
               {"events", json::value_from(compared.events)}};
  std::string between;
  for (const auto& type : compared.events)
    between += (between.empty() ? "" : ", ") + type;
  list.remark = "\nby: " + dash_if_empty(between) + '\n';
  if (format == output_format::csv)
    list.heading = {"POINTER", "BEFORE", "AFTER"};
  return render(list, format);
}

std::string render(const std::vector<replayed_file>& files, output_format format) {
  listing list{"deviations", {"FILE", "STREAM", "WHAT", "EXPORTED", "REPLAYED"}, {}, {}};
  json::array all;
  for (const auto& file : files) {
    for (const auto& found : file.deviations) {
      list.rows.push_back({file.file, found.stream, dash_if_empty(found.pointer), dash_if_empty(found.exported),
                           dash_if_empty(found.replayed)});
      list.items.push_back(json::object{{"file", file.file},
                                        {"stream", found.stream},
                                        {"pointer", text_or_null(found.pointer)},
                                        {"exported", text_or_null(found.exported)},
                                        {"replayed", text_or_null(found.replayed)}});
    }
    all.push_back(json::object{
      {"file", file.file}, {"order_id", file.order}, {"program", file.program}, {"same", file.deviations.empty()}});
  }
  list.more = {{"files", std::move(all)}};
  if (format == output_format::table && list.rows.empty())
    return std::to_string(files.size()) + " orders: the same with this program\n";
  return render(list, format);
}

std::string render_stuck(std::span<const order::state> orders, timestamp now, bool more,
                         const std::vector<std::string>& troubles, output_format format) {
  listing list{"orders", {"ORDER", "STATUS", "WAITS FOR", "UNCHANGED FOR", "CUSTOMER", "REASON"}, {}, {}};
  for (const auto& order : orders) {
    const std::string reason{order::word_for(order::waiting_of(order))};
    list.rows.push_back({order.id.value, std::string{name_of(order.status)}, dash_if_empty(reason),
                         diagnosis::duration_text(now - order.updated_at), order.customer.value,
                         dash_if_empty(order.reason)});
    list.items.push_back(json::object{{"id", order.id.value},
                                      {"status", name_of(order.status)},
                                      {"waits_for", text_or_null(reason)},
                                      {"updated_at", to_rfc3339(order.updated_at)},
                                      {"customer_id", order.customer.value},
                                      {"reason", text_or_null(order.reason)}});
  }
  list.more = {{"more", more}, {"troubles", json::value_from(troubles)}};
  list.remark = more ? "there are more: --limit shows them\n" : "";
  if (format == output_format::table && orders.empty())
    return more ? "none among the orders that were looked at; there are more\n" : "no order is stuck\n";
  return render(list, format);
}

std::string render_troubles(const std::vector<std::string>& troubles) {
  std::string text;
  for (const auto& trouble : troubles)
    text += (text.empty() ? "\nin the cluster:\n  " : "  ") + trouble + '\n';
  return text;
}

std::string render(const bulk::state& action, output_format format) {
  listing list{"orders", {"ORDER", "RESULT", "CODE", "WHY"}, {}, {}};
  for (const auto& item : action.items) {
    list.rows.push_back(
      {item.order.value, std::string{name_of(item.status)}, dash_if_empty(item.code), dash_if_empty(item.detail)});
    list.items.push_back(json::object{{"id", item.order.value},
                                      {"result", name_of(item.status)},
                                      {"code", text_or_null(item.code)},
                                      {"detail", text_or_null(item.detail)}});
  }
  const auto done = bulk::count_of(action, bulk::item_status::done);
  const auto refused = bulk::count_of(action, bulk::item_status::refused);
  list.more = {{"bulk_action_id", action.id.value},
               {"action", name_of(action.action)},
               {"status", name_of(action.status)},
               {"dry_run", action.dry_run},
               {"more", action.more},
               {"done", done},
               {"refused", refused}};
  list.remark = '\n' + std::to_string(done) + (action.dry_run ? " would be done, " : " done, ")
                + std::to_string(refused) + " refused, " + std::to_string(action.items.size() - done - refused)
                + " left as they were (" + action.id.value + ")\n"
                + (action.more ? "others were selected as well: do it again for them\n" : "");
  return render(list, format);
}

} // namespace waybill::shell
