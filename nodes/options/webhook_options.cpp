#include "nodes/options/option_kinds.hpp"

#include <algorithm>

namespace waybill {

namespace {

using namespace option_kinds;

constexpr std::array<std::pair<std::string_view, outbound::target_policy>, 2> targets{
  {{"public", outbound::target_policy::public_only}, {"any", outbound::target_policy::any}}};

constexpr std::size_t most_retries = 30;

/// Nothing when the text is no list of durations.
std::optional<std::vector<milliseconds>> read_schedule(std::string_view text) {
  std::vector<milliseconds> schedule;
  while (!text.empty()) {
    const auto word = text.substr(0, text.find(','));
    const auto wait = parse_duration(word);
    if (!wait || wait->count() == 0)
      return std::nullopt;
    schedule.push_back(*wait);
    text.remove_prefix(std::min(word.size() + 1, text.size()));
  }
  if (schedule.empty() || schedule.size() > most_retries)
    return std::nullopt;
  return schedule;
}

option schedule() {
  return {
    "webhook-retry-schedule",
    "webhooks: the waits between the attempts to send a message, with commas between; after the last it has failed",
    false,
    [](node_config& config, std::string_view text) -> std::string {
      auto read = read_schedule(text);
      if (!read)
        return "1 to 30 durations such as 5s,5m,30m,2h";
      config.webhooks.delivery.schedule = std::move(*read);
      return {};
    },
    [](const node_config& config) {
      std::string text;
      for (const auto wait : config.webhooks.delivery.schedule)
        text += (text.empty() ? "" : ",") + duration_text(wait);
      return text;
    }};
}

constexpr std::size_t most_sources = 16;

/// Empty when they were taken.
std::string set_sources(node_config& config, std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const std::string expected =
    "URLs of queues with blanks between, such as "
    "amqps://user:password@host/vhost?queue=orders or rediss://user:password@host?stream=orders";
  std::vector<brokers::queue_address> queues;
  for (auto begin = text.find_first_not_of(blanks); begin != std::string_view::npos;
       begin = text.find_first_not_of(blanks)) {
    text.remove_prefix(begin);
    const auto word = text.substr(0, text.find_first_of(blanks));
    text.remove_prefix(word.size());
    auto queue = brokers::parse_queue_address(word);
    const auto number = std::to_string(queues.size() + 1);
    if (!queue)
      return expected + "; number " + number + ' ' + queue.error().detail;
    if (std::ranges::find(queues, to_string(*queue), [](const auto& other) { return to_string(other); })
        != queues.end())
      return expected + "; number " + number + " is there twice";
    queues.push_back(std::move(*queue));
  }
  if (queues.size() > most_sources)
    return "at most " + std::to_string(most_sources) + " URLs";
  config.sources.queues = std::move(queues);
  return {};
}

/// A secret, because the URLs hold passwords. Shown without them.
option source_option() {
  return {"source", "sources: URLs of the queues from which orders are taken, with blanks between", true, set_sources,
          [](const node_config& config) {
            std::string text;
            for (const auto& queue : config.sources.queues)
              text += (text.empty() ? "" : " ") + to_string(queue);
            return text;
          }};
}

} // namespace

std::vector<option> source_options() {
  return {
    source_option(),
    secret("source-key", "sources: the service key in whose name orders are placed", AT(sources.key)),
    number("source-in-flight", "sources: messages of one queue that are placed at once", 1, 1'000,
           AT(sources.consumers.in_flight)),
    duration("source-claim-after",
             "sources: Redis: messages that another node has taken and not settled for so long are taken from it",
             milliseconds{1'000}, AT(sources.consumers.claim_after)),
    duration("source-retry-longest", "sources: longest wait before an order that could not be placed is tried again",
             milliseconds{500}, AT(sources.pauses.longest_pause)),
    file("source-ca", "sources: PEM file of the authorities of the brokers' certificates (default: the system's)",
         AT(sources.consumers.connections.ca_file)),
  };
}

std::vector<option> webhook_options() {
  return {
    choice("webhook-targets",
           "webhooks: public: TLS to addresses of the public internet only; any: in the clear, private ones too",
           targets, AT(webhooks.targets)),
    schedule(),
    number("webhook-in-flight", "webhooks: attempts of one endpoint at once", 1, 1'000, AT(webhooks.max_in_flight)),
    number("webhook-backlog", "webhooks: an endpoint reads no new events while so many of its messages are undelivered",
           10, 100'000, AT(webhooks.max_backlog)),
    duration("webhook-timeout", "webhooks: one attempt may take so long", milliseconds{10},
             AT(webhook_connections.total_timeout)),
    duration("webhook-keep", "webhooks: delivered and failed messages stay in the delivery log for so long", shortest,
             AT(webhooks.keep)),
    choice("sink-targets",
           "sinks: public: TLS to addresses of the public internet only; any: in the clear, private ones too", targets,
           AT(sinks.targets)),
    number("sink-batch", "sinks: events that are published to a broker, and confirmed, together", 1, 5'000,
           AT(sinks.batch)),
    duration("sink-confirm-timeout", "sinks: a broker must confirm a batch within", milliseconds{100},
             AT(sink_connections.connections.confirm_timeout)),
    duration("sink-retry-first", "sinks: first wait before a batch is published again", shortest,
             AT(sinks.retry.first)),
    duration("sink-retry-longest", "sinks: longest wait before a batch is published again", shortest,
             AT(sinks.retry.longest)),
    file("sink-ca", "sinks: PEM file of the authorities of the brokers' certificates (default: the system's)",
         AT(sink_connections.connections.ca_file)),
    file("webhook-ca", "webhooks: PEM file of the authorities of the receivers' certificates (default: the system's)",
         AT(webhook_connections.ca_file)),
  };
}

} // namespace waybill
