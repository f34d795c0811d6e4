#include "tests/cluster/chaos/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>

namespace waybill::chaos {

namespace {

constexpr std::size_t most_shown = 40;

std::string outcome_of(const exchange& one) {
  if (one.status == 0)
    return one.trouble.starts_with("connecting to") ? "no connection" : "no answer";
  return std::to_string(one.status) + (one.trouble.empty() ? "" : " " + one.trouble);
}

template <class Key>
void add_counts(std::string& text, const std::string& title, const std::map<Key, std::size_t>& counts) {
  text += title + "\n";
  for (const auto& [key, number] : counts)
    text += fmt::format("  {:<44} {:>8}\n", key, number);
}

std::string time_of(const std::optional<milliseconds>& what) {
  return what ? fmt::format("{} ms", what->count()) : "never";
}

/// The longest of those kills that were the only fault at their time, or of all; nothing when one never ended.
std::optional<milliseconds> longest(const std::vector<stand_still>& kills, bool alone) {
  std::optional<milliseconds> most = milliseconds{0};
  for (const auto& one : kills)
    if (!alone || one.kill.alone)
      most = !most || !one.longest ? std::nullopt : std::optional{std::max(*most, *one.longest)};
  return most;
}

void add_stand_still(std::string& text, const std::vector<stand_still>& kills) {
  text += "from SIGKILL until every order that was under way had a new event\n";
  for (const auto& one : kills)
    text += fmt::format("  {:<44} {:>8}   {} orders{}{}\n", describe(one.kill.what), time_of(one.longest), one.orders,
                        one.slowest_order.empty() ? "" : ", the last " + one.slowest_order,
                        one.kill.alone ? "" : ", with another fault");
  const auto alone = std::ranges::count_if(kills, [](const stand_still& one) { return one.kill.alone; });
  text +=
    fmt::format("  {:<44} {:>8}   over {} kills\n", "longest, the kill alone", time_of(longest(kills, true)), alone);
  text += fmt::format("  {:<44} {:>8}   over {} kills\n", "longest, other faults included",
                      time_of(longest(kills, false)), kills.size());
}

} // namespace

std::string report_of(const run_settings& settings, const run_result& result, const std::string& repeat) {
  const auto& seen = result.seen;
  std::map<std::string, std::size_t> faults;
  for (const auto& one : seen.incidents)
    ++faults[std::string{word_of(one.what.kind)}];
  std::map<std::string, std::size_t> requests;
  for (const auto& one : seen.exchanges)
    ++requests[fmt::format("{:<10} {}", word_of(one.kind), outcome_of(one))];
  std::size_t copies = 0;
  for (const auto& one : seen.followed)
    copies += one.size();

  auto text = fmt::format("seed {}: {} s of load at {} orders/s\n", settings.seed, settings.duration.count() / 1'000,
                          settings.rate);
  add_counts(text, fmt::format("faults ({})", seen.incidents.size()), faults);
  add_counts(text, fmt::format("requests ({})", seen.exchanges.size()), requests);
  add_counts(text, "orders by their end", result.orders_by_status);
  add_stand_still(text, result.kills);
  if (result.longest_without_fault)
    text +=
      fmt::format("  {:<44} {:>8}\n", "the same at moments without a fault", time_of(result.longest_without_fault));
  text +=
    fmt::format("at rest {} ms after everything had healed and the load had ended\n",
                std::chrono::duration_cast<milliseconds>(seen.rested - std::max(seen.healed, seen.load_ended)).count());
  text +=
    fmt::format("{} events in the log, {} entries in the provider's ledger\n", result.events, result.ledger_entries);
  text += fmt::format("{} subscribers got {} events over {} connections\n", seen.followed.size(), copies,
                      result.follower_connections);
  text += fmt::format("{} requests failed while nodes were drained\n", result.drain_failures.size());
  if (result.violations.empty())
    return text + "nothing was violated\n";

  std::map<std::string, std::size_t> claims;
  for (const auto& one : result.violations)
    ++claims[one.claim];
  add_counts(text, fmt::format("VIOLATED ({})", result.violations.size()), claims);
  std::map<std::string, std::size_t> shown;
  for (const auto& one : result.violations)
    if (++shown[one.claim] <= most_shown)
      text += fmt::format("{}: {}\n", one.claim, one.text);
  return text + "repeat with: " + repeat + "\n";
}

std::string summary_of(const std::vector<std::pair<run_settings, run_result>>& runs) {
  std::string text = fmt::format("{:>6} {:>7} {:>7} {:>7} {:>9} {:>11} {:>14} {:>9}\n", "seed", "faults", "kills",
                                 "orders", "events", "longest", "failed drains", "violated");
  std::vector<stand_still> kills;
  std::size_t faults = 0;
  for (const auto& [settings, result] : runs) {
    std::size_t orders = 0;
    for (const auto& [status, number] : result.orders_by_status)
      orders += number;
    text += fmt::format("{:>6} {:>7} {:>7} {:>7} {:>9} {:>11} {:>14} {:>9}\n", settings.seed,
                        result.seen.incidents.size(), result.kills.size(), orders, result.events,
                        time_of(longest(result.kills, true)), result.drain_failures.size(), result.violations.size());
    kills.insert(kills.end(), result.kills.begin(), result.kills.end());
    faults += result.seen.incidents.size();
  }
  text += fmt::format("{} faults, {} kills; longest until all orders moved again {}, with other faults included {}\n",
                      faults, kills.size(), time_of(longest(kills, true)), time_of(longest(kills, false)));
  return text;
}

} // namespace waybill::chaos
