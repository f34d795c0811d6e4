#include "bench/bench.hpp"

#include "bench/metrics.hpp"
#include "bench/options.hpp"
#include "bench/report.hpp"
#include "bench/workloads/delivery_feed.hpp"
#include "bench/workloads/flash_sale.hpp"
#include "bench/workloads/goods.hpp"
#include "bench/workloads/load.hpp"
#include "bench/workloads/stream.hpp"
#include "domain/base/errors.hpp"
#include "domain/base/ids.hpp"
#include "outbound/tool_client.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/object.hpp>

#include <exception>
#include <iostream>

namespace asio = boost::asio;
namespace json = boost::json;

namespace waybill::bench {

namespace {

using clock = std::chrono::steady_clock;

enum exit_code : int { measured = 0, failed = 1, usage = 2, unreachable = 8 };

constexpr const char* usage_text =
  "usage: waybill bench orders [--url=http://127.0.0.1:4000] [--concurrency=64] [--duration=10s] [--warmup=2s]\n"
  "                            [--token=<token>|--token-file=<path>]\n"
  "                            [--products=16] [--wait=accepted|delivered] [--drain=2m]\n"
  "       waybill bench flash-sale [--connect=127.0.0.1:4100] [--units=100000] [--buyers=1000] [--cluster-tls-...]\n"
  "       waybill bench stream [--url=http://127.0.0.1:4000] [--subscribers=1000] [--orders-per-second=50]\n"
  "                            [--duration=20s] [--probe=500ms] [--token=<token>|--token-file=<path>]\n";

double seconds_between(clock::time_point begin, clock::time_point end) {
  return std::chrono::duration<double>(end - begin).count();
}

/// One measurement, from the products to the result.
class measurement {
public:
  measurement(asio::io_context& context, const options& how)
    : context_(context), options_(how), client_(context.get_executor(), how.server) {}

  asio::awaitable<json::object> run() {
    const auto bodies = co_await make_products();
    load clients{context_, {options_.server, bodies, options_.concurrency, options_.until_delivered}};
    delivery_feed feed{context_, options_.server, [&](std::string_view order) { clients.finished(order); }};
    if (options_.until_delivered)
      co_await open(feed);
    const auto at_start = co_await finished();
    clients.start();
    co_await sleep(options_.warmup);
    const auto before = co_await finished();
    const auto begin = clock::now();
    clients.begin_measuring();
    co_await sleep(options_.duration);
    clients.stop();
    const auto end = clock::now();
    const auto after = co_await finished();
    const auto sampled = clock::now();
    co_await quiet(clients);
    const auto rest = co_await drain(at_start, clients.accepted_in_all(), end);
    const auto feed_trouble = feed.trouble();
    feed.close();
    // Their handlers come back once more before the objects may go.
    co_await sleep(std::chrono::milliseconds{1});
    co_return describe(clients, {begin, end, sampled}, before, after, at_start, rest, feed_trouble);
  }

private:
  struct times {
    clock::time_point begin;
    clock::time_point end;
    clock::time_point sampled;
  };
  struct drained {
    finished_counts counts;
    double seconds = 0;
    std::uint64_t missing = 0;
  };

  asio::awaitable<void> sleep(std::chrono::milliseconds time) {
    asio::steady_timer timer{context_, time};
    co_await timer.async_wait(asio::use_awaitable);
  }

  asio::awaitable<std::vector<std::string>> make_products() {
    std::vector<std::string> bodies;
    const auto run = make_id_suffix();
    for (unsigned i = 0; i < options_.products; ++i) {
      const auto product = co_await make_product(client_, "bench-" + run + "-" + std::to_string(i));
      bodies.push_back(order_body(product));
    }
    co_return bodies;
  }

  asio::awaitable<void> open(delivery_feed& feed) {
    asio::steady_timer opened{context_, clock::now() + std::chrono::seconds{10}};
    std::string trouble = "the event stream did not open in time";
    feed.start([&](std::string why) {
      trouble = std::move(why);
      opened.cancel();
    });
    boost::system::error_code ignored;
    co_await opened.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    if (!trouble.empty())
      throw server_error{trouble};
  }

  asio::awaitable<finished_counts> finished() {
    outbound::request request;
    request.target = "/metrics";
    const auto answer = co_await ask(client_, std::move(request), 200);
    co_return read_finished(answer.body);
  }

  asio::awaitable<void> quiet(load& clients) {
    const auto until = clock::now() + options_.drain;
    while (!clients.idle() && clock::now() < until)
      co_await sleep(std::chrono::milliseconds{5});
    clients.close();
    co_await sleep(std::chrono::milliseconds{1});
  }

  // Waits until the server has finished all that it accepted.
  asio::awaitable<drained> drain(const finished_counts& at_start, std::uint64_t accepted, clock::time_point end) {
    drained out;
    const auto until = clock::now() + options_.drain;
    for (;;) {
      out.counts = co_await finished();
      out.seconds = seconds_between(end, clock::now());
      const auto done = total(out.counts) - total(at_start);
      out.missing = done < accepted ? accepted - done : 0;
      if (out.missing == 0 || clock::now() >= until)
        co_return out;
      co_await sleep(std::chrono::milliseconds{20});
    }
  }

  static std::uint64_t of(const finished_counts& counts, std::string_view status) {
    const auto found = counts.find(status);
    return found == counts.end() ? 0 : found->second;
  }

  json::object describe(const load& clients, const times& when, const finished_counts& before,
                        const finished_counts& after, const finished_counts& at_start, const drained& rest,
                        const std::string& feed_trouble) const {
    const auto& seen = clients.result();
    const auto measured_for = seconds_between(when.begin, when.end);
    const auto sampled_for = seconds_between(when.begin, when.sampled);
    json::object finals;
    for (const auto& [status, count] : rest.counts)
      finals[status] = count - of(at_start, status);
    const auto completed = of(after, "completed") - of(before, "completed");
    json::object out{{"workload", "orders"},
                     {"wait", options_.until_delivered ? "delivered" : "accepted"},
                     {"concurrency", options_.concurrency},
                     {"products", options_.products},
                     {"seconds", (measured_for)},
                     {"accepted", seen.accepted},
                     {"accepted_per_s", (static_cast<double>(seen.accepted) / measured_for)},
                     {"completed", completed},
                     {"completed_per_s", (static_cast<double>(completed) / sampled_for)},
                     {"post_ms", in_milliseconds(seen.post)},
                     {"errors", to_object(seen.errors)},
                     {"accepted_in_all", clients.accepted_in_all()},
                     {"final_in_all", std::move(finals)},
                     {"not_final", rest.missing},
                     {"all_final_after_s", (rest.seconds)},
                     {"sustained_per_s", (static_cast<double>(seen.accepted) / (measured_for + rest.seconds))}};
    if (options_.until_delivered) {
      out["delivered"] = seen.delivered;
      out["delivered_per_s"] = (static_cast<double>(seen.delivered) / measured_for);
      out["delivery_ms"] = in_milliseconds(seen.delivery);
    }
    const auto all_completed = of(rest.counts, "completed") - of(at_start, "completed") >= clients.accepted_in_all();
    if (rest.counts.empty())
      out["metrics"] = "the server's /metrics has no waybill_orders_finished_total";
    if (!feed_trouble.empty())
      out["event_stream"] = feed_trouble;
    out["ok"] = seen.accepted > 0 && seen.errors.empty() && rest.missing == 0 && all_completed && feed_trouble.empty();
    return out;
  }

  asio::io_context& context_;
  const options& options_;
  outbound::client client_;
};

int bench_orders(const std::vector<std::string>& args) {
  const auto how = parse_options(args);
  asio::io_context context{1};
  measurement one{context, how};
  json::object out;
  std::exception_ptr trouble;
  asio::co_spawn(context, one.run(), [&](std::exception_ptr e, json::object done) {
    trouble = e;
    out = std::move(done);
    // After trouble there may be clients left that would go on for ever.
    context.stop();
  });
  context.run();
  if (trouble)
    std::rethrow_exception(trouble);
  std::cout << to_text(out) << "\n";
  return out.at("ok").as_bool() ? measured : failed;
}

int bench_flash_sale(const std::vector<std::string>& args, std::shared_ptr<ssl_ctx_st> tls) {
  const auto how = parse_sale_options(args);
  const auto sold = run_flash_sale(how, std::move(tls));
  if (sold.has_error() && sold.error().code == ec::invalid_argument)
    throw std::runtime_error{sold.error().detail};
  if (sold.has_error())
    throw server_error{sold.error().detail};
  const bool exact = sold->reserved == static_cast<std::uint64_t>(how.units) && sold->reserved_at_end == how.units
                     && sold->on_hand_at_end == how.units;
  const bool ok = exact && sold->errors.empty();
  const json::object out{{"workload", "flash-sale"},
                         {"units", how.units},
                         {"buyers", how.buyers},
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
  const auto how = parse_stream_options(args);
  const auto seen = run_stream(how);
  const auto expected = seen.probes * how.subscribers;
  const bool ok = seen.received == expected && seen.errors.empty() && seen.orders > 0;
  const json::object out{{"workload", "stream"},
                         {"subscribers", how.subscribers},
                         {"seconds", seen.seconds},
                         {"probes", seen.probes},
                         {"events_expected", expected},
                         {"events_received", seen.received},
                         {"event_ms", in_milliseconds(seen.event)},
                         {"to_the_last_ms", in_milliseconds(seen.to_the_last)},
                         {"orders_accepted", seen.orders},
                         {"orders_accepted_per_s", static_cast<double>(seen.orders) / seen.seconds},
                         {"errors", to_object(seen.errors)},
                         {"ok", ok}};
  std::cout << to_text(out) << "\n";
  return ok ? measured : failed;
}

int run_workload(std::vector<std::string> args, std::shared_ptr<ssl_ctx_st> tls) {
  if (args.empty())
    throw usage_error{"expected a workload"};
  const auto workload = args.front();
  args.erase(args.begin());
  if (workload == "orders")
    return bench_orders(args);
  if (workload == "flash-sale")
    return bench_flash_sale(args, std::move(tls));
  if (workload == "stream")
    return bench_stream(args);
  throw usage_error{"there is no workload '" + workload + "'"};
}

} // namespace

int bench_main(std::vector<std::string> args, std::shared_ptr<ssl_ctx_st> tls) {
  try {
    return run_workload(std::move(args), std::move(tls));
  } catch (const usage_error& e) {
    std::cerr << "waybill bench: " << e.what() << "\n" << usage_text;
    return usage;
  } catch (const server_error& e) {
    std::cerr << "waybill bench: " << e.what() << "\n";
    return unreachable;
  } catch (const std::exception& e) {
    std::cerr << "waybill bench: " << e.what() << "\n";
    return failed;
  }
}

} // namespace waybill::bench
