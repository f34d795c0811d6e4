// Events are removed while others write, read and remove.

#include "tests/persistence/support/trimming.hpp"

#include "domain/base/errors.hpp"

#include <atomic>
#include <map>
#include <thread>
#include <vector>

#define CAF_SUITE persistence.removal_race
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

/// Eight writers of SQLite may wait for each other for longer than one of them has patience.
void write_patiently(journal_store& journal, const append& request) {
  while (!journal.commit({&request, 1}))
    ;
}

/// Reads on from where it is; versions of each stream must come without a gap unless it was told of one.
struct follower {
  std::unique_ptr<query_store> query;
  read_log next{{}, {}, 20};
  std::map<std::string, std::uint64_t> versions = {};
  std::size_t seen = 0;
  int told = 0;
  int gaps = 0;

  void read_on() {
    auto page = query->run(next);
    if (!page && page.error().code == ec::cursor_expired) {
      ++told;
      versions.clear();
      next.from_earliest = true;
      page = query->run(next);
    }
    if (!page)
      return;
    next.from_earliest = false;
    next.after = page->next;
    for (const auto& event : page->events) {
      const auto [at, is_new] = versions.try_emplace(event.stream, event.version);
      if (!is_new && event.version != at->second + 1)
        ++gaps;
      at->second = event.version;
      ++seen;
    }
  }
};

} // namespace

SCENARIO("G6: with eight writers, a removal close behind and two subscribers, no event is missed without an error") {
  on_every_database([](sql_backend& database, const std::string& name) {
    CAF_MESSAGE(name);
    constexpr std::uint64_t rounds = 60;
    std::atomic<int> writing = 8;
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i)
      threads.emplace_back([&, i] {
        auto journal = database.journal("node" + std::to_string(i));
        const auto stream = "ord_" + std::to_string(i);
        for (std::uint64_t done = 0; done < rounds; ++done)
          write_patiently(*journal, make_append(stream, done * 3, 3));
        --writing;
      });
    threads.emplace_back([&] {
      auto trimmer = open_log_trimmer(database.config, {.range = 40, .batch = 15});
      for (bool some = false; writing > 0 || !some;) {
        const auto plan = trimmer->plan(everything_old());
        if (plan && plan->horizon.range && trimmer->remove(*plan->horizon.range))
          some = true;
      }
    });
    follower quick{database.query()};
    follower late{database.query()};
    // Remembers its place from long ago.
    follower sleeper{database.query()};
    for (int i = 0; writing > 0; ++i) {
      quick.read_on();
      if (i % 16 == 0)
        late.read_on();
    }
    for (auto& thread : threads)
      thread.join();
    CAF_MESSAGE(quick.seen << " and " << late.seen << " events seen, told " << quick.told << " and " << late.told);
    CHECK_EQ(quick.gaps, 0);
    CHECK_EQ(late.gaps, 0);
    sleeper.read_on();
    CHECK_EQ(sleeper.told, 1);
    // All is still there in the end: each stream's state, and the log from its oldest event on.
    for (int i = 0; i < 8; ++i)
      CHECK_EQ(database.query()->run(load_entity{entity_kind::order, "ord_" + std::to_string(i)}).value().version,
               rounds * 3);
    for (std::size_t before = ~0ULL; before != quick.seen;) {
      before = quick.seen;
      quick.read_on();
    }
    CHECK_EQ(quick.gaps, 0);
  });
}

SCENARIO("two concurrent removals do no harm") {
  on_every_database([](sql_backend& database, const std::string& name) {
    CAF_MESSAGE(name);
    auto journal = database.journal("here");
    write_stream(*journal, "ord_a", 200);
    std::atomic<std::uint64_t> removed = 0;
    std::atomic<int> conflicts = 0;
    const auto work = [&] {
      auto trimmer = open_log_trimmer(database.config, {.range = 20, .batch = 3});
      for (;;) {
        const auto plan = trimmer->plan(everything_old());
        if (plan && !plan->horizon.range)
          return;
        const auto done = plan ? trimmer->remove(*plan->horizon.range) : plan.error();
        if (done)
          removed += done->events;
        else
          ++conflicts;
        if (!done && done.error().code != ec::conflict)
          return;
      }
    };
    std::thread first{work};
    std::thread second{work};
    first.join();
    second.join();
    CAF_MESSAGE(conflicts.load() << " conflicts");
    CHECK_EQ(removed.load(), 199U);
    CHECK_EQ(kept(database), std::vector<std::string>{"evt_ord_a.200"});
  });
}
