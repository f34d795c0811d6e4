#include "bench/workloads/orders.hpp"

#include "bench/metrics.hpp"
#include "bench/result_json.hpp"
#include "bench/workloads/delivery_feed.hpp"
#include "bench/workloads/goods.hpp"
#include "bench/workloads/load.hpp"
#include "domain/base/ids.hpp"
#include "outbound/api_client.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>

namespace asio = boost::asio;
namespace json = boost::json;

namespace waybill::bench {

namespace {

using clock = std::chrono::steady_clock;

double seconds_between(clock::time_point begin, clock::time_point end) {
  return std::chrono::duration<double>(end - begin).count();
}

class order_measurement {
public:
  order_measurement(asio::io_context& context, const order_options& options)
    : context_(context), options_(options), client_(context.get_executor(), options.server),
      metrics_(context.get_executor(), options.metrics) {}

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
    const auto feed_problem = feed.problem();
    feed.close();
    // Their handlers run once more before the objects may be destroyed.
    co_await sleep(std::chrono::milliseconds{1});
    co_return describe(clients, {begin, end, sampled}, before, after, at_start, rest, feed_problem);
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
    std::string problem = "the event stream did not open in time";
    feed.start([&](std::string why) {
      problem = std::move(why);
      opened.cancel();
    });
    boost::system::error_code ignored;
    co_await opened.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    if (!problem.empty())
      throw server_error{problem};
  }

  asio::awaitable<finished_counts> finished() {
    outbound::api_request request;
    request.target = "/metrics";
    const auto answer = co_await metrics_.send(std::move(request));
    if (!answer)
      throw server_error{"GET /metrics: " + answer.error().detail};
    if (answer->status == 404)
      throw std::runtime_error{"there are no metrics at " + options_.metrics.url.origin()
                               + ": a node that was started with --ops has them there; say so with --ops=<url>"};
    if (answer->status != 200)
      throw std::runtime_error{"GET /metrics answered " + std::to_string(answer->status)};
    co_return read_finished(answer->body);
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
    const auto count = counts.find(status);
    return count == counts.end() ? 0 : count->second;
  }

  json::object describe(const load& clients, const times& when, const finished_counts& before,
                        const finished_counts& after, const finished_counts& at_start, const drained& rest,
                        const std::string& feed_problem) const {
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
                     {"seconds", measured_for},
                     {"accepted", seen.accepted},
                     {"accepted_per_s", static_cast<double>(seen.accepted) / measured_for},
                     {"completed", completed},
                     {"completed_per_s", static_cast<double>(completed) / sampled_for},
                     {"post_ms", in_milliseconds(seen.post)},
                     {"errors", to_object(seen.errors)},
                     {"accepted_in_all", clients.accepted_in_all()},
                     {"final_in_all", std::move(finals)},
                     {"not_final", rest.missing},
                     {"all_final_after_s", rest.seconds},
                     {"sustained_per_s", static_cast<double>(seen.accepted) / (measured_for + rest.seconds)}};
    if (options_.until_delivered) {
      out["delivered"] = seen.delivered;
      out["delivered_per_s"] = static_cast<double>(seen.delivered) / measured_for;
      out["delivery_ms"] = in_milliseconds(seen.delivery);
    }
    const auto all_completed = of(rest.counts, "completed") - of(at_start, "completed") >= clients.accepted_in_all();
    if (rest.counts.empty())
      out["metrics"] = "the server's /metrics has no waybill_orders_finished_total";
    if (!feed_problem.empty())
      out["event_stream"] = feed_problem;
    out["ok"] = seen.accepted > 0 && seen.errors.empty() && rest.missing == 0 && all_completed && feed_problem.empty();
    return out;
  }

  asio::io_context& context_;
  const order_options& options_;
  outbound::api_client client_;
  outbound::api_client metrics_;
};

} // namespace

json::object run_orders(const order_options& options) {
  asio::io_context context{1};
  order_measurement measurement{context, options};
  json::object out;
  std::exception_ptr problem;
  asio::co_spawn(context, measurement.run(), [&](std::exception_ptr e, json::object result) {
    problem = e;
    out = std::move(result);
    // After a problem some clients would continue without an end.
    context.stop();
  });
  context.run();
  if (problem)
    std::rethrow_exception(problem);
  return out;
}

} // namespace waybill::bench
