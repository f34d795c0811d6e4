#pragma once

#include "persistence/store.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace waybill::test {

struct memory_tables;

/// A database in memory that keeps the contract of persistence/store.hpp, for deterministic tests of actors.
/// Thread-safe; the stores it opens share it and keep its contents alive.
class memory_database {
public:
  memory_database();

  [[nodiscard]] std::unique_ptr<journal_store> open_journal(std::string node = "test") const;
  [[nodiscard]] std::unique_ptr<query_store> open_query() const;

  /// While it is unavailable every call fails with ec::unavailable.
  void set_available(bool available);

  /// The next commit is done, but its answer is lost: it fails with ec::unavailable.
  void lose_next_answer();

  /// Called with each batch before it is written, on the thread of the writer; may block.
  void before_commit(std::function<void(std::span<const append>)> callback);

  /// Appends for which it holds are refused, as if another writer had been first.
  void refuse_if(std::function<bool(const append&)> condition);

  /// Its time of day; the system's clock at first.
  void set_clock(std::function<timestamp()> clock);

  /// Readers find the first `count` events of the log removed.
  void remove_events(std::size_t count);

  /// A backup of the present contents.
  [[nodiscard]] std::shared_ptr<const memory_tables> save() const;
  /// Replaces the contents by those of the backup, in a log of a new generation.
  void restore(const memory_tables& backup);

  /// Of its log; zero until the first `restore`.
  [[nodiscard]] std::uint64_t generation() const;

  /// The whole log, in order, including removed events.
  [[nodiscard]] std::vector<stored_event> log() const;

  /// How many commits were done.
  [[nodiscard]] std::size_t commits() const;

  struct contents;

private:
  std::shared_ptr<contents> contents_;
};

} // namespace waybill::test
