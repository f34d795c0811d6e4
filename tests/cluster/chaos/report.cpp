#include "tests/cluster/chaos/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>

namespace waybill::chaos {

namespace {

constexpr std::size_t most_shown = 40;
/// From the loss of a node until every order moves again.
constexpr std::chrono::seconds goal{5};

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

/// The longest of one kind of fault, of those that were the only one at their time or of all; nothing when an order
/// never moved again.
std::optional<milliseconds> longest(const std::vector<stand_still>& losses, fault_kind kind, bool alone) {
  std::optional<milliseconds> most = milliseconds{0};
  for (const auto& one : losses)
    if (one.loss.what.kind == kind && (!alone || one.loss.alone))
      most = !most || !one.longest ? std::nullopt : std::optional{std::max(*most, *one.longest)};
  return most;
}

std::string stand_still_of(const std::vector<stand_still>& losses) {
  std::string text = "until every order that was under way when a node was lost had a new event, at most\n";
  std::map<fault_kind, std::size_t> kinds;
  for (const auto& one : losses)
    ++kinds[one.loss.what.kind];
  for (const auto& [kind, number] : kinds) {
    const auto alone = std::ranges::count_if(
      losses, [kind](const stand_still& one) { return one.loss.what.kind == kind && one.loss.alone; });
    text += fmt::format("  {:<15} nothing else wrong {:>9} over {:>3}   all {:>9} over {:>3}\n", word_of(kind),
                        time_of(longest(losses, kind, true)), alone, time_of(longest(losses, kind, false)), number);
  }
  for (const auto& one : losses)
    if (!one.longest || *one.longest > goal)
      text += fmt::format("  over {} s: {} at {}: {}, {}{}\n", goal.count(), describe(one.loss.what),
                          to_rfc3339(one.loss.began), time_of(one.longest), one.slowest_order,
                          one.loss.alone ? "" : ", with another fault");
  return text;
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
  text += stand_still_of(result.losses);
  if (result.longest_without_fault)
    text += fmt::format("  {:<15} {}\n", "without a fault", time_of(result.longest_without_fault));
  text +=
    fmt::format("at rest {} ms after everything had healed and the load had ended\n",
                std::chrono::duration_cast<milliseconds>(seen.rested - std::max(seen.healed, seen.load_ended)).count());
  text +=
    fmt::format("{} events in the log, {} entries in the provider's ledger\n", result.events, result.ledger_entries);
  text += fmt::format("{} subscribers got {} events over {} connections\n", seen.followed.size(), copies,
                      result.follower_connections);
  const auto refused =
    std::ranges::count_if(seen.ended, [](const ended_process& one) { return !one.asked && !one.served; });
  text += fmt::format("{} starts failed and were repeated\n", refused);
  text += fmt::format("{} requests failed while nodes were drained\n", result.drain_failures.size());
  if (seen.past)
    text += fmt::format("{} lines of closed orders a product, {} were read for the first orders\n", seen.past->closed,
                        seen.past->rows_read);
  if (seen.quiet)
    text += fmt::format("{} events while nobody listened, {} rows were read for {} subscribers of the latest\n",
                        seen.quiet->logged, seen.quiet->rows_read, seen.quiet->gateways.size());
  text += fmt::format("{} foreign transactions, {} revoked streams, {} restores were watched\n", seen.foreign.size(),
                      seen.revoked.size(), seen.restored.size());
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
  std::string text = fmt::format("{:>6} {:>7} {:>7} {:>9} {:>14} {:>9}\n", "seed", "faults", "orders", "events",
                                 "failed drains", "violated");
  std::vector<stand_still> losses;
  std::size_t faults = 0;
  for (const auto& [settings, result] : runs) {
    std::size_t orders = 0;
    for (const auto& [status, number] : result.orders_by_status)
      orders += number;
    text += fmt::format("{:>6} {:>7} {:>7} {:>9} {:>14} {:>9}\n", settings.seed, result.seen.incidents.size(), orders,
                        result.events, result.drain_failures.size(), result.violations.size());
    losses.insert(losses.end(), result.losses.begin(), result.losses.end());
    faults += result.seen.incidents.size();
  }
  return text + fmt::format("{} faults in all\n", faults) + stand_still_of(losses);
}

} // namespace waybill::chaos
