#include "gateway/http/json_members.hpp"
#include "gateway/http/reading.hpp"
#include "gateway/routes/handlers.hpp"
#include "messages/cluster/node_report.hpp"

#include <algorithm>

// What the nodes have measured of themselves, and what the auditor has found, for operators.

namespace waybill::http::routes::operations {

namespace {

/// A quantile in microseconds. What took longer than all bounds took at least the last of them.
void write_quantile(json_writer& out, std::string_view name, const node_report& all, const latency_histogram& histogram,
                    unsigned percent) {
  out.member(name, quantile_of(all.bounds_us, histogram.counts, percent).value_or(0));
}

void write_latency(json_writer& out, const node_report& all, const latency_histogram& histogram) {
  constexpr unsigned half = 50;
  constexpr unsigned nine_tenths = 90;
  constexpr unsigned nearly_all = 99;
  out.begin_object().member("step", histogram.name).member("count", count_of(histogram));
  write_quantile(out, "p50_us", all, histogram, half);
  write_quantile(out, "p90_us", all, histogram, nine_tenths);
  write_quantile(out, "p99_us", all, histogram, nearly_all);
  out.end_object();
}

} // namespace

task<response> show_latency(context& ctx, const request& req) {
  query_reader from{req};
  from.finish();
  auto reports = co_await ctx.query<node_reports>(req, ctx.services().node_api, gather_node_reports{});
  std::ranges::sort(reports.nodes, {}, &node_report::node);
  std::ranges::sort(reports.missing);
  const auto all = sum_of(reports.nodes);
  json_writer out;
  out.begin_object().key("steps").begin_array();
  for (const auto& histogram : all.last_hour)
    if (count_of(histogram) > 0)
      write_latency(out, all, histogram);
  out.end_array().member("longest_us", all.bounds_us.empty() ? 0 : all.bounds_us.back()).key("nodes").begin_array();
  for (const auto& node : reports.nodes)
    out.text(node.node);
  out.end_array();
  write_words(out, "missing", reports.missing);
  response result;
  result.body = out.end_object().take();
  co_return result;
}

task<response> show_audit(context& ctx, const request& req) {
  query_reader from{req};
  from.finish();
  const auto report = co_await ctx.query<audit_report>(req, ctx.services().node_api, get_audit_report{});
  json_writer out;
  out.begin_object().key("open").begin_array();
  for (const auto& open : report.open)
    out.begin_object()
      .member("invariant", open.violation.invariant)
      .member("subject", open.violation.subject)
      .member("detail", open.violation.detail)
      .member("found_at", to_rfc3339(open.found_at))
      .end_object();
  out.end_array().key("found").begin_array();
  for (const auto& count : report.found)
    out.begin_object().member("invariant", count.invariant).member("count", count.found).end_object();
  out.end_array().member("events", report.events).member("units", report.units);
  out.member("position", to_string(report.position)).member("behind_ms", report.behind.count());
  write_time(out, "walked_at", report.walked_at);
  write_time(out, "saved_at", report.saved_at);
  response result;
  result.body = out.end_object().take();
  co_return result;
}

} // namespace waybill::http::routes::operations
