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

std::string outcome_of(const exchange& exchange) {
  if (exchange.status == 0)
    return exchange.trouble.starts_with("connecting to") ? "no connection" : "no answer";
  return std::to_string(exchange.status) + (exchange.trouble.empty() ? "" : " " + exchange.trouble);
}

template <class Key>
void add_counts(std::string& text, const std::string& title, const std::map<Key, std::size_t>& counts) {
  text += title + "\n";
  for (const auto& [key, number] : counts)
    text += fmt::format("  {:<44} {:>8}\n", key, number);
}

std::string time_of(const std::optional<milliseconds>& duration) {
  return duration ? fmt::format("{} ms", duration->count()) : "never";
}

/// The longest time without progress for one kind of fault, alone at its time or any; nothing when an order never made
/// progress again.
std::optional<milliseconds> longest(const std::vector<stand_still>& losses, fault_kind kind, bool alone) {
  std::optional<milliseconds> most = milliseconds{0};
  for (const auto& entry : losses)
    if (entry.loss.injected.kind == kind && (!alone || entry.loss.alone))
      most = !most || !entry.longest ? std::nullopt : std::optional{std::max(*most, *entry.longest)};
  return most;
}

std::string stand_still_of(const std::vector<stand_still>& losses) {
  std::string text = "until every order that was under way when a node was lost had a new event, at most\n";
  std::map<fault_kind, std::size_t> kinds;
  for (const auto& entry : losses)
    ++kinds[entry.loss.injected.kind];
  for (const auto& [kind, number] : kinds) {
    const auto alone = std::ranges::count_if(
      losses, [kind](const stand_still& entry) { return entry.loss.injected.kind == kind && entry.loss.alone; });
    text += fmt::format("  {:<15} nothing else wrong {:>9} over {:>3}   all {:>9} over {:>3}\n", word_of(kind),
                        time_of(longest(losses, kind, true)), alone, time_of(longest(losses, kind, false)), number);
  }
  for (const auto& entry : losses)
    if (!entry.longest || *entry.longest > goal)
      text += fmt::format("  over {} s: {} at {}: {}, {}{}\n", goal.count(), describe(entry.loss.injected),
                          to_rfc3339(entry.loss.began), time_of(entry.longest), entry.slowest_order,
                          entry.loss.alone ? "" : ", with another fault");
  return text;
}

} // namespace

std::string report_of(const run_settings& settings, const run_result& result, const std::string& repeat) {
  const auto& seen = result.seen;
  std::map<std::string, std::size_t> faults;
  for (const auto& incident : seen.incidents)
    ++faults[std::string{word_of(incident.injected.kind)}];
  std::map<std::string, std::size_t> requests;
  for (const auto& exchange : seen.exchanges)
    ++requests[fmt::format("{:<10} {}", word_of(exchange.kind), outcome_of(exchange))];
  std::size_t copies = 0;
  for (const auto& events : seen.followed)
    copies += events.size();

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
    std::ranges::count_if(seen.ended, [](const ended_process& process) { return !process.asked && !process.served; });
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
  for (const auto& violation : result.violations)
    ++claims[violation.claim];
  add_counts(text, fmt::format("VIOLATED ({})", result.violations.size()), claims);
  std::map<std::string, std::size_t> shown;
  for (const auto& violation : result.violations)
    if (++shown[violation.claim] <= most_shown)
      text += fmt::format("{}: {}\n", violation.claim, violation.text);
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
