#include "nodes/wiring/store_watch.hpp"

#include "domain/base/log.hpp"
#include "nodes/process/log.hpp"

#include <caf/actor_system.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/telemetry/gauge.hpp>
#include <caf/telemetry/metric_family_impl.hpp>
#include <caf/telemetry/metric_registry.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace waybill {

namespace {

constexpr milliseconds interval{500};

/// Waiting does not help.
bool lasts_for_ever(store_trouble trouble) noexcept {
  return trouble == store_trouble::damaged || trouble == store_trouble::gone;
}

/// What the connections do now, and what they have met.
class connection_metrics {
public:
  explicit connection_metrics(caf::telemetry::metric_registry& registry)
    : connections_(registry.gauge_family("waybill.database", "connections", {"use", "state"},
                                         "Connections to the database, without those that only scan the log.")),
      trouble_(registry.gauge_family("waybill.database", "trouble", {"kind"},
                                     "1 while the last attempt of a connection met it.")) {}

  void show(const store_watch& watch) {
    std::array<bool, troubles.size()> met{};
    show("write", watch.journals(), met);
    show("read", watch.readers(), met);
    for (std::size_t i = 0; i < troubles.size(); ++i)
      trouble_->get_or_add({{"kind", troubles[i].second}})->value(met[i] ? 1 : 0);
  }

private:
  static constexpr std::array<std::pair<store_trouble, const char*>, 5> troubles{
    {{store_trouble::away, "away"},
     {store_trouble::read_only, "read_only"},
     {store_trouble::full, "full"},
     {store_trouble::damaged, "damaged"},
     {store_trouble::gone, "gone"}}};

  void show(const char* use, const std::vector<std::shared_ptr<connection_health>>& all,
            std::array<bool, troubles.size()>& met) {
    std::int64_t busy = 0;
    std::int64_t failing = 0;
    for (const auto& connection : all) {
      if (connection->is_failing()) {
        ++failing;
        for (std::size_t i = 0; i < troubles.size(); ++i)
          met[i] = met[i] || connection->trouble() == troubles[i].first;
      } else if (connection->is_busy()) {
        ++busy;
      }
    }
    const auto tell = [&](const char* state, std::int64_t count) {
      connections_->get_or_add({{"use", use}, {"state", state}})->value(count);
    };
    tell("busy", busy);
    tell("failing", failing);
    tell("idle", static_cast<std::int64_t>(all.size()) - busy - failing);
  }

  caf::telemetry::metric_family_impl<caf::telemetry::int_gauge>* connections_;
  caf::telemetry::metric_family_impl<caf::telemetry::int_gauge>* trouble_;
};

struct store_probe_state {
  static inline const char* name = "waybill.store_probe";

  store_probe_state(store_probe_actor::pointer ptr, reader_actor asked, std::size_t at_most,
                    std::shared_ptr<const store_watch> shared, std::shared_ptr<known_troubles> known)
    : self(ptr), reader(std::move(asked)), connections(at_most), watch(std::move(shared)), troubles(std::move(known)),
      pool(ptr->system().metrics()),
      unread(ptr->system().metrics().gauge_singleton<double>(
        "waybill", "log-unread-age", "The age of the oldest event that readers of the log may not pass yet.",
        "seconds")),
      transaction(ptr->system().metrics().gauge_singleton<double>(
        "waybill", "log-oldest-transaction",
        "How long the oldest transaction of the database server has been open; zero while it is short.", "seconds")) {}

  store_probe_actor::behavior_type make_behavior() {
    self->send(self, caf::tick_atom_v);
    return {[this](caf::tick_atom) { look(); }};
  }

  /// One question is enough while it is answered; otherwise one for each connection, of which some may still serve.
  /// What comes of them shows in the health of the connections, so the answers are not looked at.
  void look() {
    const auto needed = open > 0 || watch->doubts_readers() ? connections : 1;
    while (open < needed) {
      ++open;
      self->request(reader, caf::infinite, check_store{})
        .then([this] { --open; }, [this](const caf::error&) { --open; });
    }
    tell();
    tell_delay();
    tell_slowness();
    pool.show(*watch);
    self->delayed_send(self, interval, caf::tick_atom_v);
  }

  void tell() {
    const auto now = watch->write_problem();
    if (troubles)
      troubles->set("database", std::string{now});
    if (now == told)
      return;
    if (now.empty())
      log_info("the database serves again: requests are taken");
    else
      log_warning("{} are refused: {}", watch->problem().empty() ? "changes" : "requests", now);
    told = now;
  }

  void tell_delay() {
    const auto delay = watch->delay();
    const auto seconds = [](milliseconds time) { return std::chrono::duration<double>(time).count(); };
    unread->value(seconds(delay.oldest_unread));
    transaction->value(seconds(delay.oldest_transaction));
    if (troubles)
      troubles->set("transaction", delay.culprit);
    if (delay.culprit.empty()) {
      if (slow.forget("transaction"))
        log_info("the old transaction of the database server has ended");
      return;
    }
    if (const auto again = slow.report("transaction"))
      log_warning("{}{}: event readers continue, but PostgreSQL cannot vacuum until this transaction ends",
                  delay.culprit, *again);
  }

  /// As slow as the alarm WaybillCommitSlow has it.
  void tell_slowness() {
    constexpr milliseconds slow_above{200};
    const auto took = watch->commit_time();
    if (troubles)
      troubles->set("commits", took > slow_above
                                 ? "the database is slow: a commit took " + std::to_string(took.count()) + " ms"
                                 : "");
  }

  store_probe_actor::pointer self;
  reader_actor reader;
  std::size_t connections;
  std::shared_ptr<const store_watch> watch;
  std::shared_ptr<known_troubles> troubles;
  connection_metrics pool;
  std::size_t open = 0;
  std::string_view told;
  failure_log slow;
  caf::telemetry::dbl_gauge* unread;
  caf::telemetry::dbl_gauge* transaction;
};

} // namespace

store_watch::store_watch(storage watched, milliseconds patience)
  : log_(std::move(watched.watch)), readers_(std::move(watched.reader_health)),
    journals_(std::move(watched.journal_health)), patience_(patience) {}

std::string_view store_watch::problem() const noexcept {
  const auto written = journal_problem(false);
  return written.empty() ? reader_problem() : written;
}

std::string_view store_watch::write_problem() const noexcept {
  const auto any = problem();
  return any.empty() ? journal_problem(true) : any;
}

milliseconds store_watch::commit_time() const noexcept {
  constexpr milliseconds recent{30'000};
  milliseconds longest{0};
  for (const auto& connection : journals_)
    longest = std::max(longest, connection->latest_time(recent));
  return longest;
}

std::string_view store_watch::journal_problem(bool of_writes) const noexcept {
  for (const auto& connection : journals_) {
    const auto trouble = connection->trouble();
    if (lasts_for_ever(trouble))
      return sentence_of(trouble);
    if (connection->is_away(patience_ / 2) && (of_writes || trouble != store_trouble::full))
      return trouble == store_trouble::away ? "the database cannot be written now" : sentence_of(trouble);
    if (connection->is_stuck(patience_))
      return "the database does not answer writes in time";
  }
  return {};
}

std::string_view store_watch::reader_problem() const noexcept {
  std::string_view problem;
  bool serves = readers_.empty();
  for (const auto& connection : readers_) {
    const auto trouble = connection->trouble();
    if (lasts_for_ever(trouble))
      return sentence_of(trouble);
    // A connection that was refused counts as away sooner than one that gets no answer counts as stuck.
    if (connection->is_away(patience_ / 2))
      problem = trouble == store_trouble::away ? "the database cannot be read now" : sentence_of(trouble);
    else if (!connection->is_stuck(patience_))
      serves = true;
    else if (problem.empty())
      problem = "the database does not answer reads in time";
  }
  return serves ? std::string_view{} : problem;
}

bool store_watch::doubts_readers() const noexcept {
  return std::ranges::any_of(
    readers_, [this](const auto& connection) { return connection->is_failing() || connection->is_stuck(patience_); });
}

store_probe_actor spawn_store_probe(caf::actor_system& sys, const reader_actor& reader, std::size_t connections,
                                    std::shared_ptr<const store_watch> watch,
                                    std::shared_ptr<known_troubles> troubles) {
  return sys.spawn<store_probe_actor::stateful_impl<store_probe_state>>(reader, std::max<std::size_t>(connections, 1),
                                                                        std::move(watch), std::move(troubles));
}

} // namespace waybill
