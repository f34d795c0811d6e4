#include "brokers/queue_address.hpp"

#include "domain/base/errors.hpp"
#include "outbound/http_url.hpp"

#include <algorithm>
#include <utility>

namespace waybill::brokers {

namespace {

/// So that `<name>/<id of an entry>` is an idempotency key, and `<name>.dead` the name of a queue.
constexpr std::size_t longest_name = 200;
constexpr std::string_view usual_group = "waybill";

failure wrong_queue(std::string why) {
  return {ec::invalid_argument, std::move(why)};
}

/// Splits `text` behind the first `separator` and before the rest; without one the rest is empty.
std::string_view take_until(std::string_view& text, char separator) {
  const auto end = std::min(text.find(separator), text.size());
  const auto taken = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return taken;
}

/// Empty when it was taken.
std::string take_parameter(queue_address& queue, std::string_view parameter) {
  auto value = parameter;
  const auto key = take_until(value, '=');
  const bool is_redis = queue.server.broker == sink::broker::redis;
  auto* member = key == (is_redis ? "stream" : "queue") ? &queue.name : nullptr;
  if (is_redis && key == "group")
    member = &queue.group;
  if (member == nullptr)
    return is_redis ? "takes the parameters stream and group" : "takes the parameter queue";
  *member = outbound::percent_decode(value);
  if (member->size() > longest_name || !sink::is_destination(queue.server.broker, *member))
    return "must name a queue, stream or group by 1 to 200 letters, digits, dots, dashes, underscores and colons";
  return {};
}

} // namespace

result<queue_address> parse_queue_address(std::string_view url) {
  auto parameters = url;
  const auto place = take_until(parameters, '?');
  queue_address queue;
  const auto scheme = std::min(place.find("://"), place.size());
  auto server = std::string{place};
  // The last @: what stands before it may hold others.
  if (const auto at = place.rfind('@'); at != std::string_view::npos && at > scheme) {
    auto credentials = place.substr(scheme + 3, at - scheme - 3);
    queue.user = outbound::percent_decode(take_until(credentials, ':'));
    queue.password = outbound::percent_decode(credentials);
    server.erase(scheme + 3, at - scheme - 2);
  }
  auto address = sink::parse_address(server);
  if (!address)
    return address.error();
  if (address->broker == sink::broker::kafka)
    return wrong_queue("must begin with amqp://, amqps://, redis:// or rediss://");
  queue.server = std::move(*address);
  if (queue.server.broker == sink::broker::redis)
    queue.group = usual_group;
  while (!parameters.empty())
    if (auto wrong = take_parameter(queue, take_until(parameters, '&')); !wrong.empty())
      return wrong_queue(std::move(wrong));
  if (queue.name.empty())
    return wrong_queue(queue.server.broker == sink::broker::redis ? "must name its stream: ?stream=orders"
                                                                  : "must name its queue: ?queue=orders");
  return queue;
}

std::string to_string(const queue_address& queue) {
  const auto& server = queue.server;
  const bool is_redis = server.broker == sink::broker::redis;
  const auto scheme = std::string{is_redis ? "redis" : "amqp"} + (server.secure ? "s" : "");
  const auto path = server.path.starts_with('/') ? server.path : '/' + server.path;
  auto text = scheme + "://" + sink::to_string(server.servers.front()) + path;
  text += (is_redis ? "?stream=" : "?queue=") + queue.name;
  return is_redis ? text + "&group=" + queue.group : text;
}

std::string dead_letters_of(const queue_address& queue) {
  return queue.name + ".dead";
}

} // namespace waybill::brokers
