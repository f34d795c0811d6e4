#include "bench/bench.hpp"

#include "bench/command_line.hpp"
#include "bench/result_json.hpp"
#include "bench/workloads/flash_sale.hpp"
#include "bench/workloads/goods.hpp"
#include "bench/workloads/orders.hpp"
#include "bench/workloads/stream.hpp"
#include "domain/base/errors.hpp"
#include "domain/base/ids.hpp"
#include "domain/base/suggestion.hpp"
#include "domain/text/unicode.hpp"

#include <boost/json/object.hpp>

#include <algorithm>
#include <exception>
#include <iostream>

namespace json = boost::json;

namespace waybill::bench {

namespace {

enum exit_code : int { measured = 0, failed = 1, usage = 2, unreachable = 8 };

constexpr const char* usage_text =
  "usage: waybill bench orders [--url=http://127.0.0.1:4000] [--concurrency=64] [--duration=10s] [--warmup=2s]\n"
  "                            [--token=<token>|--token-file=<path>]\n"
  "                            [--products=16] [--wait=accepted|delivered] [--drain=2m] [--ops=<url>]\n"
  "       waybill bench flash-sale [--connect=127.0.0.1:4100] [--units=100000] [--buyers=1000] [--cluster-tls-...]\n"
  "       waybill bench stream [--url=http://127.0.0.1:4000] [--subscribers=1000] [--orders-per-second=50]\n"
  "                            [--duration=20s] [--probe=500ms] [--token=<token>|--token-file=<path>]\n"
  "--ops    where the node serves /metrics, when it was started with --ops: http://127.0.0.1:4090\n"
  "--token  of an admin, for a node that demands authentication; WAYBILL_TOKEN works too\n"
  "The result is JSON. Exit codes: 0 measured, 1 orders or requests failed, 2 usage, 8 unreachable\n";

const std::vector<std::string> workloads{"orders", "flash-sale", "stream"};

int bench_orders(const std::vector<std::string>& args) {
  const auto result = run_orders(parse_order_options(args));
  std::cout << to_text(result) << "\n";
  return result.at("ok").as_bool() ? measured : failed;
}

int bench_flash_sale(const std::vector<std::string>& args, std::shared_ptr<ssl_ctx_st> tls) {
  const auto options = parse_sale_options(args);
  const auto sold = run_flash_sale(options, std::move(tls));
  if (sold.has_error() && sold.error().code == ec::invalid_argument)
    throw std::runtime_error{sold.error().detail};
  if (sold.has_error())
    throw server_error{sold.error().detail};
  const bool exact = sold->reserved == static_cast<std::uint64_t>(options.units)
                     && sold->reserved_at_end == options.units && sold->on_hand_at_end == options.units;
  const bool ok = exact && sold->errors.empty();
  const json::object out{{"workload", "flash-sale"},
                         {"units", options.units},
                         {"buyers", options.buyers},
                         {"seconds", sold->seconds},
                         {"reserved", sold->reserved},
                         {"reserved_per_s", static_cast<double>(sold->reserved) / sold->seconds},
                         {"refused", sold->refused},
                         {"reservation_ms", in_milliseconds(sold->time)},
                         {"errors", to_object(sold->errors)},
                         {"on_hand_at_end", sold->on_hand_at_end},
                         {"reserved_at_end", sold->reserved_at_end},
                         {"ok", ok}};
  std::cout << to_text(out) << "\n";
  return ok ? measured : failed;
}

int bench_stream(const std::vector<std::string>& args) {
  const auto options = parse_stream_options(args);
  const auto result = run_stream(options);
  const auto expected = result.probes * options.subscribers;
  const bool ok = result.received == expected && result.errors.empty() && result.orders > 0;
  const json::object out{{"workload", "stream"},
                         {"subscribers", options.subscribers},
                         {"seconds", result.seconds},
                         {"probes", result.probes},
                         {"events_expected", expected},
                         {"events_received", result.received},
                         {"event_ms", in_milliseconds(result.event)},
                         {"to_the_last_ms", in_milliseconds(result.to_the_last)},
                         {"orders_accepted", result.orders},
                         {"orders_accepted_per_s", static_cast<double>(result.orders) / result.seconds},
                         {"errors", to_object(result.errors)},
                         {"ok", ok}};
  std::cout << to_text(out) << "\n";
  return ok ? measured : failed;
}

int run_workload(std::vector<std::string> args, std::shared_ptr<ssl_ctx_st> tls) {
  if (args.empty())
    throw usage_error{"expected a workload"};
  // Options may stand before it.
  auto place = std::ranges::find_first_of(args, workloads);
  if (place == args.end())
    place = std::ranges::find_if(args, [](const std::string& word) { return !word.starts_with('-'); });
  if (place == args.end())
    throw usage_error{"expected a workload"};
  const auto workload = *place;
  args.erase(place);
  if (workload == "orders")
    return bench_orders(args);
  if (workload == "flash-sale")
    return bench_flash_sale(args, std::move(tls));
  if (workload == "stream")
    return bench_stream(args);
  throw usage_error{"there is no workload '" + workload + "'" + did_you_mean(workload, workloads)};
}

} // namespace

int bench_main(std::vector<std::string> args, std::shared_ptr<ssl_ctx_st> tls) {
  if (std::ranges::find(args, "--help") != args.end() || std::ranges::find(args, "-h") != args.end()) {
    std::cout << usage_text;
    return measured;
  }
  try {
    return run_workload(std::move(args), std::move(tls));
  } catch (const usage_error& e) {
    std::cerr << "waybill bench: " << escape_control_characters(e.what(), true) << "; waybill bench --help says more\n";
    return usage;
  } catch (const server_error& e) {
    std::cerr << "waybill bench: " << escape_control_characters(e.what(), true) << "\n";
    return unreachable;
  } catch (const std::exception& e) {
    std::cerr << "waybill bench: " << escape_control_characters(e.what(), true) << "\n";
    return failed;
  }
}

} // namespace waybill::bench
