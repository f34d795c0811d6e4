#include "tests/cluster/chaos/checker.hpp"

#include <algorithm>
#include <map>
#include <string_view>
#include <unordered_map>

// The part of the checker that compares with the event log.

namespace waybill::chaos {

namespace {

constexpr std::size_t suffix_at = 4;

/// Checks the events that one subscriber saw.
class follower_check {
public:
  follower_check(std::size_t number, const std::vector<seen_event>& events)
    : name_("subscriber " + std::to_string(number + 1)), events_(events) {}

  std::vector<violation> run(const test::stored_contents& stores, timestamp until) {
    for (const auto& event : events_)
      look_at(event);
    for (const auto& stored : stores.events)
      if (stored.at <= until && !digests_.contains(event_id(stored)))
        complain("never saw " + event_id(stored) + " (" + stored.type + ")");
    if (digests_.size() > stores.events.size())
      complain("saw " + std::to_string(digests_.size()) + " different events, the log has "
               + std::to_string(stores.events.size()));
    return std::move(violations_);
  }

private:
  void complain(const std::string& text) { violations_.push_back({"G6 I9", name_ + " " + text}); }

  void look_at(const seen_event& event) {
    if (event.log != log_)
      begin_again(event.log);
    if (event.connection == connection_ && event.position <= position_)
      complain("got " + event.id + " at " + event.position + " behind " + position_ + " on one connection");
    connection_ = event.connection;
    position_ = event.position;
    auto [known, fresh] = digests_.emplace(event.id, event.digest);
    if (!fresh) {
      if (known->second != event.digest)
        complain("got " + event.id + " twice with different contents");
      return;
    }
    auto& last = versions_[event.stream];
    if (event.version != last + 1)
      complain("got version " + std::to_string(event.version) + " of " + event.stream + " after version "
               + std::to_string(last) + ", at position " + event.position + ", connection "
               + std::to_string(event.connection));
    last = std::max(last, event.version);
  }

  /// The events of the former log say nothing about this one; `digests_` is compared with the last log.
  void begin_again(std::uint32_t log) {
    log_ = log;
    digests_.clear();
    versions_.clear();
    connection_ = 0;
  }

  std::string name_;
  const std::vector<seen_event>& events_;
  std::vector<violation> violations_;
  std::unordered_map<std::string, std::size_t> digests_;
  std::unordered_map<std::string, std::uint64_t> versions_;
  std::uint32_t log_ = 0;
  std::uint32_t connection_ = 0;
  std::string position_;
};

bool is_rest(std::string_view type) {
  return type == "order.completed" || type == "order.rejected" || type == "order.cancelled"
         || type == "order.needs_attention";
}

bool loses_a_node(fault_kind kind) {
  return kind == fault_kind::kill || kind == fault_kind::stop || kind == fault_kind::stop_between
         || kind == fault_kind::isolate || kind == fault_kind::power_loss;
}

/// The times of the events of one order, its payment and its delivery.
struct life {
  std::string order;
  std::vector<timestamp> events;
  std::optional<timestamp> placed;
  std::optional<timestamp> rested;
};

std::vector<life> lives_of(const test::stored_contents& stores) {
  std::map<std::string, life> by_suffix;
  for (const auto& event : stores.events) {
    const auto prefix = event.stream.substr(0, suffix_at);
    if (prefix != "ord_" && prefix != "pay_" && prefix != "dlv_")
      continue;
    auto& life = by_suffix[event.stream.substr(suffix_at)];
    life.events.push_back(event.at);
    if (prefix != "ord_")
      continue;
    life.order = event.stream;
    if (event.version == 1)
      life.placed = event.at;
    if (is_rest(event.type))
      life.rested = event.at;
  }
  std::vector<life> lives;
  for (auto& [suffix, life] : by_suffix) {
    std::ranges::sort(life.events);
    lives.push_back(std::move(life));
  }
  return lives;
}

/// Of the orders that were under way at `moment`.
stand_still measure(timestamp moment, const std::vector<life>& lives) {
  stand_still result;
  result.longest = milliseconds{0};
  for (const auto& life : lives) {
    if (!life.placed || *life.placed >= moment || (life.rested && *life.rested <= moment))
      continue;
    ++result.orders;
    const auto next = std::ranges::upper_bound(life.events, moment);
    const auto took = next == life.events.end() ? std::optional<milliseconds>{}
                                                : std::chrono::duration_cast<milliseconds>(*next - moment);
    if (!result.longest || (took && *took <= *result.longest))
      continue;
    result.longest = took;
    result.slowest_order = life.order;
  }
  return result;
}

} // namespace

std::vector<violation> check_followers(const history& seen, const test::stored_contents& stores) {
  std::vector<violation> all;
  std::map<std::pair<std::uint32_t, std::string>, std::size_t> contents;
  for (std::size_t i = 0; i < seen.followed.size(); ++i) {
    for (auto& violation : follower_check{i, seen.followed[i]}.run(stores, seen.followed_until))
      all.push_back(std::move(violation));
    for (const auto& event : seen.followed[i])
      if (const auto known = contents.emplace(std::pair{event.log, event.id}, event.digest).first;
          known->second != event.digest)
        all.push_back({"G6 I9", "two subscribers saw different contents of " + event.id});
  }
  return all;
}

std::vector<stand_still> measure_stand_still(const history& seen, const test::stored_contents& stores) {
  const auto lives = lives_of(stores);
  std::vector<stand_still> all;
  for (const auto& incident : seen.incidents)
    if (loses_a_node(incident.injected.kind)) {
      all.push_back(measure(incident.began, lives));
      all.back().loss = incident;
    }
  return all;
}

std::optional<milliseconds> longest_without_fault(const history& seen, const test::stored_contents& stores) {
  using namespace std::chrono_literals;
  constexpr auto aftermath = 8s;
  constexpr auto ahead = 6s;
  if (seen.exchanges.empty())
    return std::nullopt;
  const auto lives = lives_of(stores);
  std::optional<milliseconds> longest;
  for (auto moment = seen.exchanges.front().began; moment + ahead < seen.load_ended; moment += 250ms) {
    const bool calm = std::ranges::all_of(seen.incidents, [&](const incident& incident) {
      return incident.began > moment + ahead || incident.healed + aftermath < moment;
    });
    if (const auto measured = measure(moment, lives); calm && measured.longest)
      longest = std::max(longest.value_or(0ms), *measured.longest);
  }
  return longest;
}

} // namespace waybill::chaos
