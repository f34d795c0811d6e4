#include "persistence/journal/metrics.hpp"

#include <caf/actor_system.hpp>
#include <caf/telemetry/metric_registry.hpp>

#include <array>

namespace waybill {

journal_metrics::journal_metrics(caf::actor_system& sys) {
  constexpr auto prefix = "waybill.journal";
  std::array<double, 11> seconds{.0005, .001, .002, .005, .01, .02, .05, .1, .2, .5, 1.};
  std::array<std::int64_t, 8> sizes{1, 5, 10, 25, 50, 100, 250, 500};
  std::array<std::int64_t, 7> octets{1'000, 4'000, 16'000, 64'000, 256'000, 1'000'000, 4'000'000};
  auto& registry = sys.metrics();
  const auto counter = [&](const char* name, const char* help) {
    return registry.counter_singleton(prefix, name, help, "1", true);
  };
  commits = counter("commits", "Transactions that were committed.");
  appends = counter("appends", "Appends that were written.");
  events = counter("events", "Events that were written.");
  fenced_writes = counter("fenced-writes", "Appends refused because another writer was first.");
  failed_commits = counter("failed-commits", "Commits that failed because the database was away.");
  refused_appends = counter("refused-appends", "Appends refused because too much waited for the database.");
  ended_epochs = counter("ended-epochs", "Refused appends that made void what was placed behind them.");
  pending_appends = registry.gauge_singleton(prefix, "pending-appends", "Appends that wait for their commit.");
  pending_octets =
    registry.gauge_singleton(prefix, "pending", "Size of the appends that wait for their commit.", "bytes");
  commit_seconds = registry.histogram_singleton<double>(
    prefix, "commit-duration", seconds, "Time from the first statement to the end of a commit.", "seconds");
  batch_size =
    registry.histogram_singleton<std::int64_t>(prefix, "batch-size", sizes, "Appends that went into one commit.");
  commit_size = registry.histogram_singleton<std::int64_t>(prefix, "commit-size", octets,
                                                           "Size of the appends that went into one commit.", "bytes");
}

} // namespace waybill
