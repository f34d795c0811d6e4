#include "domain/sink/address.hpp"

#include "domain/base/errors.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace waybill::sink {

namespace {

struct scheme {
  std::string_view name;
  sink::broker broker;
  bool secure;
  std::uint16_t port;
};

constexpr std::array schemes{
  scheme{"amqp", broker::rabbitmq, false, 5672}, scheme{"amqps", broker::rabbitmq, true, 5671},
  scheme{"redis", broker::redis, false, 6379},   scheme{"rediss", broker::redis, true, 6379},
  scheme{"kafka", broker::kafka, false, 9092},   scheme{"kafkas", broker::kafka, true, 9093}};

constexpr std::size_t most_servers = 16;
constexpr std::size_t longest_host = 253;
constexpr std::size_t longest_destination = 249;

constexpr bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

failure wrong_address(std::string why) {
  return {ec::invalid_argument, std::move(why)};
}

std::optional<std::uint16_t> read_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || port == 0)
    return std::nullopt;
  return port;
}

bool is_host(std::string_view text, bool bracketed) {
  return !text.empty() && text.size() <= longest_host && std::ranges::all_of(text, [bracketed](char c) {
    return is_letter_or_digit(c) || c == '.' || (bracketed ? c == ':' : c == '-' || c == '_');
  });
}

std::optional<server> read_server(std::string_view text, std::uint16_t usual_port) {
  const bool bracketed = text.starts_with('[');
  const auto end = bracketed ? text.find(']') : text.find(':');
  if (bracketed && end == std::string_view::npos)
    return std::nullopt;
  const auto host = bracketed ? text.substr(1, end - 1) : text.substr(0, end);
  auto rest = end == std::string_view::npos ? std::string_view{} : text.substr(bracketed ? end + 1 : end);
  auto port = std::optional{usual_port};
  if (!rest.empty())
    port = rest.front() == ':' ? read_port(rest.substr(1)) : std::nullopt;
  if (!port || !is_host(host, bracketed))
    return std::nullopt;
  return server{std::string{host}, *port};
}

/// The virtual host of RabbitMQ, the database of Redis. Nothing when it cannot be one.
std::optional<std::string> read_path(broker of, std::string_view text) {
  if (of == broker::kafka)
    return text.empty() ? std::optional{std::string{}} : std::nullopt;
  if (of == broker::redis) {
    const bool is_number = text.size() <= 4 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
    return is_number ? std::optional{text.empty() ? std::string{"0"} : std::string{text}} : std::nullopt;
  }
  const bool is_plain = text.size() <= longest_destination && std::ranges::all_of(text, [](char c) {
                          return is_letter_or_digit(c) || c == '.' || c == '-' || c == '_' || c == '/';
                        });
  return is_plain ? std::optional{text.empty() ? std::string{"/"} : std::string{text}} : std::nullopt;
}

} // namespace

result<address> parse_address(std::string_view text) {
  const auto colon = text.find("://");
  const auto* const found =
    std::ranges::find(schemes, text.substr(0, colon == std::string_view::npos ? 0 : colon), &scheme::name);
  if (found == schemes.end())
    return wrong_address("must begin with amqp://, amqps://, redis://, rediss://, kafka:// or kafkas://");
  const auto rest = text.substr(colon + 3);
  if (rest.find('@') != std::string_view::npos)
    return wrong_address("must not contain user or password: they have members of their own");
  const auto slash = rest.find('/');
  auto path = read_path(found->broker, slash == std::string_view::npos ? std::string_view{} : rest.substr(slash + 1));
  if (!path || (found->broker == broker::kafka && slash != std::string_view::npos))
    return wrong_address("what follows the server must be a virtual host (amqp), the number of a database (redis) or "
                         "nothing (kafka)");
  address parsed{found->broker, found->secure, {}, std::move(*path)};
  for (auto names = rest.substr(0, slash);;) {
    const auto comma = names.find(',');
    auto one = read_server(names.substr(0, comma), found->port);
    if (!one)
      return wrong_address("must name a server as host or host:port");
    parsed.servers.push_back(std::move(*one));
    if (comma == std::string_view::npos)
      break;
    names.remove_prefix(comma + 1);
  }
  if (parsed.servers.size() > (found->broker == broker::kafka ? most_servers : 1))
    return wrong_address("must name one server, of Kafka 16 at most");
  return parsed;
}

std::string to_string(const server& which) {
  const bool bracketed = which.host.find(':') != std::string::npos;
  return (bracketed ? '[' + which.host + ']' : which.host) + ':' + std::to_string(which.port);
}

bool is_destination(broker of, std::string_view name) noexcept {
  return !name.empty() && name.size() <= longest_destination && std::ranges::all_of(name, [of](char c) {
    return is_letter_or_digit(c) || c == '.' || c == '_' || c == '-' || (c == ':' && of != broker::kafka);
  });
}

} // namespace waybill::sink
