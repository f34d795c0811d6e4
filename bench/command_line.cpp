#include "bench/command_line.hpp"

#include "domain/base/time.hpp"
#include "outbound/token.hpp"
#include "outbound/tools/named_options.hpp"

#include <boost/program_options.hpp>

namespace po = boost::program_options;

namespace waybill::bench {

namespace {

void read(const std::vector<std::string>& args, const po::options_description& named) {
  if (const auto values = outbound::read_options(args, named); values.has_error())
    throw usage_error{values.error().detail};
}

/// The options that every workload over HTTP has: where the server is, and who asks.
class server_options {
public:
  explicit server_options(po::options_description& named) {
    named.add_options()("url", po::value(&url_)->default_value("http://127.0.0.1:4000"));
    named.add_options()("token", po::value(&token_));
    named.add_options()("token-file", po::value(&token_file_));
  }

  outbound::api_server get() const {
    auto server = outbound::parse_api_server(url_);
    if (!server)
      throw usage_error{server.error().detail};
    if (server->url.secure)
      throw usage_error{"--url must be http: the load generator writes to plain sockets"};
    auto token = outbound::find_token(token_, token_file_);
    if (!token)
      throw usage_error{token.error().detail};
    server->token = std::move(*token);
    return std::move(*server);
  }

private:
  std::string url_;
  std::string token_;
  std::string token_file_;
};

} // namespace

std::chrono::milliseconds parse_duration(std::string_view text) {
  if (const auto duration = waybill::parse_duration(text))
    return *duration;
  throw usage_error{"'" + std::string{text} + "' is not a duration; write 500ms, 10s or 2m"};
}

order_options parse_order_options(const std::vector<std::string>& args) {
  order_options out;
  std::string duration;
  std::string warmup;
  std::string drain;
  std::string wait;
  po::options_description named;
  server_options server{named};
  named.add_options()("concurrency", po::value(&out.concurrency)->default_value(out.concurrency));
  named.add_options()("duration", po::value(&duration)->default_value("10s"));
  named.add_options()("warmup", po::value(&warmup)->default_value("2s"));
  named.add_options()("drain", po::value(&drain)->default_value("2m"));
  named.add_options()("products", po::value(&out.products)->default_value(out.products));
  named.add_options()("wait", po::value(&wait)->default_value("accepted"));
  std::string ops;
  named.add_options()("ops", po::value(&ops));
  read(args, named);
  out.server = server.get();
  out.metrics = out.server;
  if (!ops.empty()) {
    const bool is_url = ops.find("://") != std::string::npos;
    if (!is_url && !parse_endpoint(ops.substr(0, ops.find('/'))))
      throw usage_error{"--ops must be " + expected_target(ops, "127.0.0.1:4090")};
    auto metrics = outbound::parse_api_server(is_url ? ops : "http://" + ops);
    if (!metrics)
      throw usage_error{"--ops: " + metrics.error().detail};
    // That listener asks for no token, and must not get one.
    out.metrics = std::move(*metrics);
  }
  out.duration = parse_duration(duration);
  out.warmup = parse_duration(warmup);
  out.drain = parse_duration(drain);
  if (out.duration.count() == 0)
    throw usage_error{"--duration must be longer than nothing"};
  if (out.concurrency < 1 || out.concurrency > 10'000)
    throw usage_error{"--concurrency must be from 1 to 10000"};
  if (out.products < 1 || out.products > 10'000)
    throw usage_error{"--products must be from 1 to 10000"};
  if (wait != "accepted" && wait != "delivered")
    throw usage_error{"--wait takes accepted or delivered"};
  out.until_delivered = wait == "delivered";
  return out;
}

stream_options parse_stream_options(const std::vector<std::string>& args) {
  stream_options out;
  std::string duration;
  std::string probe;
  po::options_description named;
  server_options server{named};
  named.add_options()("subscribers", po::value(&out.subscribers)->default_value(out.subscribers));
  named.add_options()("orders-per-second", po::value(&out.orders_per_second)->default_value(out.orders_per_second));
  named.add_options()("duration", po::value(&duration)->default_value("20s"));
  named.add_options()("probe", po::value(&probe)->default_value("500ms"));
  read(args, named);
  out.server = server.get();
  out.duration = parse_duration(duration);
  out.probe = parse_duration(probe);
  if (out.subscribers < 1 || out.subscribers > 20'000)
    throw usage_error{"--subscribers must be from 1 to 20000"};
  if (out.orders_per_second > 10'000)
    throw usage_error{"--orders-per-second must be at most 10000"};
  if (out.probe.count() == 0 || out.duration < out.probe)
    throw usage_error{"--probe must be longer than nothing and not longer than --duration"};
  return out;
}

sale_options parse_sale_options(const std::vector<std::string>& args) {
  sale_options out;
  std::string connect;
  po::options_description named;
  named.add_options()("connect", po::value(&connect)->default_value(to_string(out.node)));
  named.add_options()("units", po::value(&out.units)->default_value(out.units));
  named.add_options()("buyers", po::value(&out.buyers)->default_value(out.buyers));
  read(args, named);
  const auto node = parse_endpoint(connect);
  if (!node || node->port == 0)
    throw usage_error{"--connect must be " + expected_target(connect, "127.0.0.1:4100")};
  out.node = *node;
  if (out.units < 1 || out.units > 1'000'000)
    throw usage_error{"--units must be from 1 to 1000000"};
  if (out.buyers < 1 || out.buyers > 10'000)
    throw usage_error{"--buyers must be from 1 to 10000"};
  return out;
}

} // namespace waybill::bench
