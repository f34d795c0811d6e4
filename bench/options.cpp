#include "bench/options.hpp"

#include "scenarios/token.hpp"

#include <boost/program_options.hpp>

#include <charconv>

namespace po = boost::program_options;

namespace waybill::bench {

namespace {

void read(const std::vector<std::string>& args, const po::options_description& named) {
  po::variables_map values;
  try {
    po::store(po::command_line_parser(args).options(named).positional({}).run(), values);
    po::notify(values);
  } catch (const po::error& e) {
    throw usage_error{e.what()};
  }
}

} // namespace

std::chrono::milliseconds parse_duration(std::string_view text) {
  std::int64_t number = 0;
  const auto* last = text.data() + text.size();
  const auto [end, code] = std::from_chars(text.data(), last, number);
  const std::string_view unit{end, static_cast<std::size_t>(last - end)};
  const std::int64_t factor = unit == "ms" ? 1 : unit == "s" ? 1'000 : unit == "m" ? 60'000 : 0;
  if (code != std::errc{} || number < 0 || number > 86'400'000 || factor == 0)
    throw usage_error{"'" + std::string{text} + "' is no duration; write 500ms, 10s or 2m"};
  return std::chrono::milliseconds{number * factor};
}

options parse_options(const std::vector<std::string>& args) {
  options out;
  std::string url;
  std::string duration;
  std::string warmup;
  std::string drain;
  std::string wait;
  po::options_description named;
  named.add_options()("url", po::value(&url)->default_value("http://127.0.0.1:4000"));
  named.add_options()("concurrency", po::value(&out.concurrency)->default_value(out.concurrency));
  named.add_options()("duration", po::value(&duration)->default_value("10s"));
  named.add_options()("warmup", po::value(&warmup)->default_value("2s"));
  named.add_options()("drain", po::value(&drain)->default_value("2m"));
  named.add_options()("products", po::value(&out.products)->default_value(out.products));
  named.add_options()("wait", po::value(&wait)->default_value("accepted"));
  std::string token;
  std::string token_file;
  named.add_options()("token", po::value(&token));
  named.add_options()("token-file", po::value(&token_file));
  read(args, named);
  const auto server = outbound::parse_url(url);
  if (!server)
    throw usage_error{server.error().detail};
  out.server = *server;
  auto found = outbound::find_token(token, token_file);
  if (!found)
    throw usage_error{found.error().detail};
  out.server.token = std::move(*found);
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
    throw usage_error{"--connect must be an address and a port, such as 127.0.0.1:4100"};
  out.node = *node;
  if (out.units < 1 || out.units > 1'000'000)
    throw usage_error{"--units must be from 1 to 1000000"};
  if (out.buyers < 1 || out.buyers > 10'000)
    throw usage_error{"--buyers must be from 1 to 10000"};
  return out;
}

} // namespace waybill::bench
