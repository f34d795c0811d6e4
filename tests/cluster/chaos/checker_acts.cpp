#include "tests/cluster/chaos/checker.hpp"

#include <algorithm>
#include <map>

// The part of the checker for everything beside the load: restores, foreign transactions, revoked rights, long
// histories; and for stale answers of a node that does not know that it was replaced.

namespace waybill::chaos {

namespace {

using namespace std::chrono_literals;

/// Clocks of one machine agree; an event is under way for a moment when a stream ends.
constexpr auto grace = 1s;

bool shows_an_order(const exchange& exchange) {
  const bool answers = exchange.status == 200 || exchange.status == 201 || exchange.status == 202;
  return answers && !exchange.seen.empty()
         && (exchange.kind == request_kind::read || exchange.kind == request_kind::cancel
             || exchange.kind == request_kind::place || exchange.kind == request_kind::race);
}

/// The newest version of the order that a read or its history shows.
std::uint64_t version_shown(const exchange& exchange, const std::string& order) {
  std::uint64_t newest = 0;
  for (const auto& part : exchange.seen)
    if (part.id == order)
      newest = std::max(newest, part.version);
  return newest;
}

std::string at_gateway(std::size_t gateway) {
  return " at gateway " + std::to_string(gateway + 1);
}

} // namespace

std::vector<violation> check_freshness(const history& seen) {
  std::vector<violation> violations;
  std::vector<const exchange*> shown;
  std::vector<const exchange*> asked;
  for (const auto& exchange : seen.exchanges) {
    if (shows_an_order(exchange))
      shown.push_back(&exchange);
    if ((exchange.kind == request_kind::read || exchange.kind == request_kind::history) && exchange.status == 200)
      asked.push_back(&exchange);
  }
  std::ranges::sort(shown, {}, [](const exchange* exchange) { return exchange->ended; });
  std::ranges::sort(asked, {}, [](const exchange* exchange) { return exchange->began; });
  // By label: a history without any event does not name its order.
  std::map<std::string, const exchange*> newest;
  auto next = shown.begin();
  for (const auto* exchange : asked) {
    for (; next != shown.end() && (*next)->ended < exchange->began; ++next) {
      auto& known = newest[(*next)->label];
      if (known == nullptr || (*next)->seen.front().version >= known->seen.front().version)
        known = *next;
    }
    const auto known = newest.find(exchange->label);
    if (known == newest.end())
      continue;
    const auto& before = *known->second;
    const auto& order = before.seen.front().id;
    if (version_shown(*exchange, order) >= before.seen.front().version)
      continue;
    violations.push_back(
      {"stale", std::string{word_of(exchange->kind)} + at_gateway(exchange->gateway) + " from "
                  + to_rfc3339(exchange->began) + " to " + to_rfc3339(exchange->ended) + " shows version "
                  + std::to_string(version_shown(*exchange, order)) + " of " + order + ", of which a "
                  + std::string{word_of(before.kind)} + at_gateway(before.gateway) + " had shown version "
                  + std::to_string(before.seen.front().version) + " at " + to_rfc3339(before.ended)});
  }
  return violations;
}

std::vector<violation> check_restored(const history& seen) {
  std::vector<violation> violations;
  const auto complain = [&](const std::string& text) { violations.push_back({"G11", text}); };
  for (const auto& restored : seen.restored) {
    for (const auto& position : restored.positions)
      if (position.status != 410 || position.code != "cursor_expired")
        complain("a position of the log that was replaced is answered " + std::to_string(position.status) + " "
                 + position.code + at_gateway(position.gateway)
                 + (position.overtaken ? ", after the new log has come further" : ", after the restore"));
    for (const auto& order : restored.orders)
      if (order.status != 404)
        complain(order.id + ", which only the log had that was replaced, is answered " + std::to_string(order.status)
                 + at_gateway(order.gateway));
  }
  for (std::size_t i = 0; i < seen.followed.size(); ++i) {
    const auto logs = seen.followed[i].empty() ? 0U : seen.followed[i].back().log;
    if (logs != seen.restored.size())
      complain("subscriber " + std::to_string(i + 1) + " was told " + std::to_string(logs)
               + " times that its position is of another log, which was replaced "
               + std::to_string(seen.restored.size()) + " times");
  }
  return violations;
}

std::vector<violation> check_foreign(const history& seen) {
  std::vector<violation> violations;
  for (const auto& hold : seen.foreign)
    if (hold.followed < hold.logged)
      violations.push_back({"G6 foreign", "of " + std::to_string(hold.logged) + " events a subscriber had "
                                            + std::to_string(hold.followed) + " at " + to_rfc3339(hold.at)
                                            + ", while a foreign transaction was open"});
  return violations;
}

std::vector<violation> check_revoked(const history& seen, milliseconds within) {
  std::vector<violation> violations;
  for (const auto& stream : seen.revoked) {
    const auto complain = [&](const std::string& text) {
      violations.push_back({"revoked", stream.description + at_gateway(stream.gateway) + " (taken away at "
                                         + to_rfc3339(stream.revoked) + ", looked at " + to_rfc3339(stream.looked)
                                         + ") " + text});
    };
    if (stream.events.empty())
      complain("never got an event, so that its end says nothing: " + stream.reason);
    if (!stream.alone)
      continue;
    if (!stream.ended)
      complain("is still open");
    for (const auto& event : stream.events)
      if (event.at > stream.revoked + within + grace) {
        complain("got " + event.id + " of " + to_rfc3339(event.at));
        break;
      }
    if (stream.asked_again != 0 && stream.asked_again != 401)
      complain("ended, and its key is answered " + std::to_string(stream.asked_again));
  }
  return violations;
}

std::vector<violation> check_pasts(const history& seen) {
  std::vector<violation> violations;
  if (const auto& quiet = seen.quiet) {
    if (quiet->rows_read >= quiet->logged)
      violations.push_back({"latest", "for subscribers of what comes next " + std::to_string(quiet->rows_read)
                                        + " rows of the log were read, in which " + std::to_string(quiet->logged)
                                        + " events had been logged while nobody listened"});
    for (const auto& gateway : quiet->gateways)
      // Not exactly the version of the answer: the answer may include one event more.
      if (gateway.first <= gateway.before || gateway.first > gateway.expected)
        violations.push_back({"latest", "the first event of the stream has version " + std::to_string(gateway.first)
                                          + ", and not one above " + std::to_string(gateway.before) + " up to "
                                          + std::to_string(gateway.expected) + at_gateway(gateway.gateway)});
  }
  if (const auto& past = seen.past; past && past->rows_read >= past->closed)
    violations.push_back({"past", std::to_string(past->rows_read)
                                    + " lines of closed orders were read during the load, where each product had "
                                    + std::to_string(past->closed) + " from before it"});
  return violations;
}

} // namespace waybill::chaos
