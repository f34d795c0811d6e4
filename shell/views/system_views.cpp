#include "shell/views/system_views.hpp"

#include "domain/diagnosis/explanation.hpp"
#include "domain/diagnosis/timeline_json.hpp"
#include "messages/cluster/ownership.hpp"
#include "messages/cluster/placement.hpp"
#include "shell/views/listing.hpp"
#include "shell/views/render.hpp"

#include <boost/describe/enum_to_string.hpp>
#include <boost/json/value_from.hpp>

#include <algorithm>
#include <cmath>
#include <map>

namespace waybill::shell {

namespace json = boost::json;

namespace {

json::value ms_value(std::uint64_t us) {
  constexpr double us_per_ms = 1'000;
  return static_cast<double>(us) / us_per_ms;
}

std::string ms_text(std::uint64_t us) {
  return diagnosis::milliseconds_text(diagnosis::microseconds{static_cast<std::int64_t>(us)});
}

const node_report* find(const std::vector<node_report>& all, const std::string& node) {
  const auto found = std::ranges::find(all, node, &node_report::node);
  return found == all.end() ? nullptr : &*found;
}

/// A second, with one decimal.
std::string per_second(std::uint64_t count, milliseconds between) {
  constexpr std::uint64_t ms_per_tenth = 100;
  const auto ms = std::max<std::uint64_t>(static_cast<std::uint64_t>(between.count()), 1);
  const auto tenths = count * 10 * ms_per_tenth * 10 / ms;
  return std::to_string(tenths / 10) + '.' + std::to_string(tenths % 10);
}

std::uint64_t growth(std::uint64_t before, std::uint64_t after) {
  return after > before ? after - before : 0;
}

} // namespace

std::string render_shards(const node_list& list, output_format format) {
  listing shown{"shards", {"ROLE", "NODE", "SHARDS"}, {}, {}};
  for (const auto& owners : owners_by_role(list.nodes)) {
    std::map<std::string, std::uint64_t> counts;
    for (std::uint16_t shard = 0; shard < shard_count && !owners.nodes.empty(); ++shard)
      ++counts[owners.nodes[owner_of(shard, owners.nodes)]];
    if (owners.nodes.empty())
      counts["nobody"] = shard_count;
    for (const auto& [node, count] : counts) {
      shown.rows.push_back({owners.role_name, node, std::to_string(count)});
      shown.items.push_back(json::object{{"role", owners.role_name},
                                         {"node", owners.nodes.empty() ? json::value() : json::value(node)},
                                         {"shards", count}});
    }
  }
  return render(shown, format);
}

std::string render_owner(const node_list& list, const std::string& id, output_format format) {
  const auto shard = shard_of(id);
  listing shown{"owners", {"ROLE", "NODE", "SHARD"}, {}, {}};
  for (const auto& owners : owners_by_role(list.nodes)) {
    const auto node = owners.nodes.empty() ? std::string{"nobody"} : owners.nodes[owner_of(shard, owners.nodes)];
    shown.rows.push_back({owners.role_name, node, std::to_string(shard)});
    shown.items.push_back(json::object{{"role", owners.role_name},
                                       {"node", owners.nodes.empty() ? json::value() : json::value(node)},
                                       {"shard", shard}});
  }
  shown.more = {{"id", id}};
  return render(shown, format);
}

std::string render_leases(const node_list& list, timestamp now, output_format format) {
  listing shown{"leases", {"NODE", "STATE", "LEASE UNTIL", "LEFT", "CANNOT REACH"}, {}, {}};
  for (const auto& node : list.nodes) {
    const bool has_lease = node.lease_until != timestamp::max();
    std::string suspects;
    for (const auto& name : node.suspects)
      suspects += (suspects.empty() ? "" : ",") + name;
    const auto left = node.lease_until > now ? node.lease_until - now : diagnosis::microseconds{0};
    shown.rows.push_back({node.node, boost::describe::enum_to_string(node.state, "unknown"),
                          has_lease ? to_rfc3339(node.lease_until) : "needs none",
                          !has_lease          ? "-"
                          : left.count() == 0 ? "over"
                                              : diagnosis::duration_text(left),
                          suspects.empty() ? "-" : suspects});
    shown.items.push_back(json::object{
      {"node", node.node},
      {"state", boost::describe::enum_to_string(node.state, "unknown")},
      {"lease_until", has_lease ? json::value(to_rfc3339(node.lease_until)) : json::value()},
      {"left_ms", has_lease ? json::value(std::chrono::duration_cast<milliseconds>(left).count()) : json::value()}});
  }
  return render(shown, format);
}

std::string render_latency(const std::vector<node_report>& nodes, output_format format) {
  constexpr unsigned half = 50;
  constexpr unsigned nine_tenths = 90;
  constexpr unsigned nearly_all = 99;
  const auto sum = sum_of(nodes);
  listing shown{"steps", {"STEP", "COUNT", "P50 MS", "P90 MS", "P99 MS"}, {}, {}};
  for (const auto& histogram : sum.last_hour) {
    const auto count = count_of(histogram);
    if (count == 0)
      continue;
    std::vector<std::string> row{histogram.name, std::to_string(count)};
    json::object item{{"step", histogram.name}, {"count", count}};
    for (const auto percent : {half, nine_tenths, nearly_all}) {
      const auto value = quantile_of(sum.bounds_us, histogram.counts, percent).value_or(0);
      const bool is_beyond = value == sum.bounds_us.back();
      row.push_back((is_beyond && format == output_format::table ? "> " : "") + ms_text(value));
      item["p" + std::to_string(percent) + "_ms"] = ms_value(value);
    }
    shown.rows.push_back(std::move(row));
    shown.items.push_back(std::move(item));
  }
  json::array from;
  for (const auto& node : nodes)
    from.push_back(json::value(json::string(node.node)));
  shown.more = {{"nodes", std::move(from)}};
  if (format == output_format::table && shown.rows.empty())
    return "no order has finished a step in the last hour\n";
  return render(shown, format);
}

std::string render_top(const std::vector<node_report>& before, const std::vector<node_report>& after,
                       milliseconds between, const actor_list& busiest, output_format format) {
  listing shown{
    "nodes", {"NODE", "UP", "PLACED/S", "AT REST/S", "COMMITS/S", "APPENDS/S", "MS/COMMIT", "WAITING"}, {}, {}};
  for (const auto& node : after) {
    const auto* earlier = find(before, node.node);
    if (earlier == nullptr)
      continue;
    const auto commits = growth(earlier->commits, node.commits);
    const auto us = commits == 0 ? 0 : growth(earlier->commit_us, node.commit_us) / commits;
    const std::vector<std::string> rates{per_second(growth(earlier->orders_placed, node.orders_placed), between),
                                         per_second(growth(earlier->orders_at_rest, node.orders_at_rest), between),
                                         per_second(commits, between),
                                         per_second(growth(earlier->appends, node.appends), between)};
    shown.rows.push_back({node.node, diagnosis::duration_text(node.up), rates[0], rates[1], rates[2], rates[3],
                          ms_text(us), std::to_string(node.appends_waiting)});
    shown.items.push_back(json::object{{"node", node.node},
                                       {"up_ms", node.up.count()},
                                       {"orders_placed_per_second", std::stod(rates[0])},
                                       {"orders_at_rest_per_second", std::stod(rates[1])},
                                       {"commits_per_second", std::stod(rates[2])},
                                       {"appends_per_second", std::stod(rates[3])},
                                       {"ms_per_commit", ms_value(us)},
                                       {"appends_waiting", node.appends_waiting}});
  }
  if (format != output_format::table && format != output_format::json)
    return render(shown, format);
  json::array actors;
  std::vector<std::vector<std::string>> rows{{"TYPE", "ID", "NODE", "MAILBOX", "HANDLED"}};
  for (const auto& actor : busiest.actors) {
    rows.push_back({actor.type, actor.id, actor.node, std::to_string(actor.mailbox), std::to_string(actor.handled)});
    actors.push_back(json::object{{"type", actor.type},
                                  {"id", actor.id},
                                  {"node", actor.node},
                                  {"mailbox", actor.mailbox},
                                  {"handled", actor.handled}});
  }
  shown.more = {
    {"busiest", std::move(actors)}, {"actors", busiest.total}, {"missing", json::value_from(busiest.missing)}};
  shown.remark =
    '\n' + render_table(rows) + std::to_string(busiest.total) + " entities in memory\n" + missing_text(busiest.missing);
  return render(shown, format);
}

std::string render_dead_letters(const std::vector<webhook_delivery_row>& messages, bool more, output_format format) {
  listing shown{"messages", {"MESSAGE", "ENDPOINT", "EVENT", "STREAM", "ATTEMPTS", "FAILED AT", "LAST ERROR"}, {}, {}};
  for (const auto& row : messages) {
    const auto& delivery = row.delivery;
    const auto error = !delivery.last_error.empty() ? delivery.last_error
                       : delivery.last_status == 0  ? std::string{"-"}
                                                    : "HTTP " + std::to_string(delivery.last_status);
    shown.rows.push_back({row.message, row.endpoint, row.type, row.stream, std::to_string(delivery.attempts),
                          to_rfc3339(delivery.changed_at), error});
    shown.items.push_back(json::object{{"message_id", row.message},
                                       {"endpoint_id", row.endpoint},
                                       {"event_id", "evt_" + row.stream + "." + std::to_string(row.version)},
                                       {"type", row.type},
                                       {"attempts", delivery.attempts},
                                       {"failed_at", to_rfc3339(delivery.changed_at)},
                                       {"last_status", delivery.last_status},
                                       {"last_error", delivery.last_error}});
  }
  shown.more = {{"more", more}};
  shown.remark = more ? "there are more\n" : "";
  if (format == output_format::table && messages.empty())
    return "no message has failed for good\n";
  return render(shown, format);
}

} // namespace waybill::shell
