#pragma once

#include "messages/actors.hpp"
#include "messages/cluster/known_troubles.hpp"
#include "nodes/wiring/storage.hpp"

#include <caf/fwd.hpp>

#include <atomic>
#include <memory>
#include <string_view>
#include <vector>

namespace waybill {

/// Whether this node can work with its database now. Thread-safe; cheap enough to be asked for every request.
class store_watch {
public:
  /// A read or a commit that takes longer than `patience` means that the database does not answer; when every attempt
  /// has failed for half of it, the database is away.
  store_watch(storage watched, milliseconds patience);

  /// Empty while requests can be served, otherwise one sentence for operators. Of the connections that read, one may be
  /// slow as long as another one serves; each journal has streams of its own, so every one of them is needed.
  [[nodiscard]] std::string_view problem() const noexcept;

  /// The same of requests that change something: a full disk can be read.
  [[nodiscard]] std::string_view write_problem() const noexcept;

  /// Whether some connection that reads is not well.
  [[nodiscard]] bool doubts_readers() const noexcept;

  /// How long the slowest commit of the last half minute took, of the last one of each journal.
  [[nodiscard]] milliseconds commit_time() const noexcept;

  /// The connections that write, and those that read.
  [[nodiscard]] const std::vector<std::shared_ptr<connection_health>>& journals() const noexcept { return journals_; }
  [[nodiscard]] const std::vector<std::shared_ptr<connection_health>>& readers() const noexcept { return readers_; }

  /// What keeps readers from the end of the log.
  [[nodiscard]] log_delay delay() const { return log_ ? log_->delay() : log_delay{}; }
  /// Zero for a log that was never replaced.
  [[nodiscard]] std::uint64_t log_generation() const noexcept { return log_ ? log_->generation() : 0; }

private:
  [[nodiscard]] std::string_view journal_problem(bool of_writes) const noexcept;
  [[nodiscard]] std::string_view reader_problem() const noexcept;

  std::shared_ptr<log_watch> log_;
  std::vector<std::shared_ptr<connection_health>> readers_;
  std::vector<std::shared_ptr<connection_health>> journals_;
  milliseconds patience_;
};

using store_probe_actor = caf::typed_actor<
  // Asks the database something, and again after the interval.
  caf::result<void>(caf::tick_atom)>;

/// Keeps asking the database, so that `watch` knows its state when nobody else asks, and logs when it changes; tells
/// `troubles`, which may be null, and the metrics. Ends with send_exit.
store_probe_actor spawn_store_probe(caf::actor_system& sys, const reader_actor& reader, std::size_t connections,
                                    std::shared_ptr<const store_watch> watch,
                                    std::shared_ptr<known_troubles> troubles = nullptr);

} // namespace waybill
