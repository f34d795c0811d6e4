#include "tests/cluster/chaos/checker.hpp"

#include <algorithm>
#include <map>

// The part of the checker that looks at what was done beside the load: restores, foreign transactions, rights that were
// taken away, long pasts; and at what a node shows that does not know that it was replaced.

namespace waybill::chaos {

namespace {

using namespace std::chrono_literals;

/// Clocks of one machine agree; an event is under way for a moment when a stream ends.
constexpr auto grace = 1s;

bool shows_an_order(const exchange& one) {
  const bool answers = one.status == 200 || one.status == 201 || one.status == 202;
  return answers && !one.seen.empty()
         && (one.kind == request_kind::read || one.kind == request_kind::cancel || one.kind == request_kind::place
             || one.kind == request_kind::race);
}

/// The newest version of the order that a read or its history shows.
std::uint64_t version_shown(const exchange& one, const std::string& order) {
  std::uint64_t newest = 0;
  for (const auto& part : one.seen)
    if (part.id == order)
      newest = std::max(newest, part.version);
  return newest;
}

std::string at_gateway(std::size_t gateway) {
  return " at gateway " + std::to_string(gateway + 1);
}

} // namespace

std::vector<violation> check_freshness(const history& seen) {
  std::vector<violation> found;
  std::vector<const exchange*> shown;
  std::vector<const exchange*> asked;
  for (const auto& one : seen.exchanges) {
    if (shows_an_order(one))
      shown.push_back(&one);
    if ((one.kind == request_kind::read || one.kind == request_kind::history) && one.status == 200)
      asked.push_back(&one);
  }
  std::ranges::sort(shown, {}, [](const exchange* one) { return one->ended; });
  std::ranges::sort(asked, {}, [](const exchange* one) { return one->began; });
  // By label: a history without any event does not say whose it is.
  std::map<std::string, const exchange*> newest;
  auto next = shown.begin();
  for (const auto* one : asked) {
    for (; next != shown.end() && (*next)->ended < one->began; ++next) {
      auto& known = newest[(*next)->label];
      if (known == nullptr || (*next)->seen.front().version >= known->seen.front().version)
        known = *next;
    }
    const auto known = newest.find(one->label);
    if (known == newest.end())
      continue;
    const auto& before = *known->second;
    const auto& order = before.seen.front().id;
    if (version_shown(*one, order) >= before.seen.front().version)
      continue;
    found.push_back({"stale", std::string{word_of(one->kind)} + at_gateway(one->gateway) + " from "
                                + to_rfc3339(one->began) + " to " + to_rfc3339(one->ended) + " shows version "
                                + std::to_string(version_shown(*one, order)) + " of " + order + ", of which a "
                                + std::string{word_of(before.kind)} + at_gateway(before.gateway) + " had shown version "
                                + std::to_string(before.seen.front().version) + " at " + to_rfc3339(before.ended)});
  }
  return found;
}

std::vector<violation> check_restored(const history& seen) {
  std::vector<violation> found;
  const auto complain = [&](const std::string& what) { found.push_back({"G11", what}); };
  for (const auto& restored : seen.restored) {
    for (const auto& one : restored.positions)
      if (one.status != 410 || one.code != "cursor_expired")
        complain("a position of the log that was replaced is answered " + std::to_string(one.status) + " " + one.code
                 + at_gateway(one.gateway)
                 + (one.overtaken ? ", after the new log has come further" : ", after the restore"));
    for (const auto& one : restored.orders)
      if (one.status != 404)
        complain(one.id + ", which only the log had that was replaced, is answered " + std::to_string(one.status)
                 + at_gateway(one.gateway));
  }
  for (std::size_t i = 0; i < seen.followed.size(); ++i) {
    const auto logs = seen.followed[i].empty() ? 0U : seen.followed[i].back().log;
    if (logs != seen.restored.size())
      complain("subscriber " + std::to_string(i + 1) + " was told " + std::to_string(logs)
               + " times that its position is of another log, which was replaced "
               + std::to_string(seen.restored.size()) + " times");
  }
  return found;
}

std::vector<violation> check_foreign(const history& seen) {
  std::vector<violation> found;
  for (const auto& one : seen.foreign)
    if (one.followed < one.logged)
      found.push_back({"G6 foreign", "of " + std::to_string(one.logged) + " events a subscriber had "
                                       + std::to_string(one.followed) + " at " + to_rfc3339(one.at)
                                       + ", while a foreign transaction was open"});
  return found;
}

std::vector<violation> check_revoked(const history& seen, milliseconds within) {
  std::vector<violation> found;
  for (const auto& one : seen.revoked) {
    const auto complain = [&](const std::string& what) {
      found.push_back({"revoked", one.what + at_gateway(one.gateway) + " (taken away at " + to_rfc3339(one.revoked)
                                    + ", looked at " + to_rfc3339(one.looked) + ") " + what});
    };
    if (one.events.empty())
      complain("never got an event, so that its end says nothing: " + one.reason);
    if (!one.alone)
      continue;
    if (!one.ended)
      complain("is still open");
    for (const auto& event : one.events)
      if (event.at > one.revoked + within + grace) {
        complain("got " + event.id + " of " + to_rfc3339(event.at));
        break;
      }
    if (one.asked_again != 0 && one.asked_again != 401)
      complain("ended, and its key is answered " + std::to_string(one.asked_again));
  }
  return found;
}

std::vector<violation> check_pasts(const history& seen) {
  std::vector<violation> found;
  if (const auto& quiet = seen.quiet) {
    if (quiet->rows_read >= quiet->logged)
      found.push_back({"latest", "for subscribers of what comes next " + std::to_string(quiet->rows_read)
                                   + " rows of the log were read, in which " + std::to_string(quiet->logged)
                                   + " events had been logged while nobody listened"});
    for (const auto& one : quiet->gateways)
      // Not exactly what the answer shows: it may know of an event more.
      if (one.first <= one.before || one.first > one.expected)
        found.push_back({"latest", "the first event of the stream has version " + std::to_string(one.first)
                                     + ", and not one above " + std::to_string(one.before) + " up to "
                                     + std::to_string(one.expected) + at_gateway(one.gateway)});
  }
  if (const auto& past = seen.past; past && past->rows_read >= past->closed)
    found.push_back({"past", std::to_string(past->rows_read)
                               + " lines of closed orders were read during the load, where each product had "
                               + std::to_string(past->closed) + " from before it"});
  return found;
}

} // namespace waybill::chaos
