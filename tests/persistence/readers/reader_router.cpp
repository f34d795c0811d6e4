#include "persistence/readers/reader_actor.hpp"
#include "tests/support/memory_store.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <ranges>
#include <vector>

#define CAF_SUITE persistence.reader_router
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

/// Lets the scans of the log wait at it.
class gate {
public:
  void pass() {
    std::unique_lock lock{mutex_};
    ++came_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
  }
  void open() {
    const std::lock_guard lock{mutex_};
    open_ = true;
    changed_.notify_all();
  }
  void await(int count) {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [&] { return came_ >= count; });
  }
  int came() {
    const std::lock_guard lock{mutex_};
    return came_;
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int came_ = 0;
  bool open_ = false;
};

/// A database whose scans of the log take until the gate is open.
class slow_scans final : public query_store_of<slow_scans> {
public:
  slow_scans(std::unique_ptr<query_store> inner, std::shared_ptr<gate> closed)
    : inner_{std::move(inner)}, gate_{std::move(closed)} {}

  template <class Query>
  auto answer(const Query& query) {
    return inner_->run(query);
  }
  result<log_page> answer(const read_log& query) {
    if (query.limit > 0 && query.filter.order.empty())
      gate_->pass();
    return inner_->run(query);
  }

private:
  std::unique_ptr<query_store> inner_;
  std::shared_ptr<gate> gate_;
};

struct fixture {
  explicit fixture(std::size_t scanners)
    : reader(spawn_reader(sys, [this] { return std::make_unique<slow_scans>(database.open_query(), scans); },
                          {.connections = 1, .scan_connections = scanners})) {}
  ~fixture() {
    scans->open();
    caf::anon_send_exit(reader, caf::exit_reason::user_shutdown);
  }

  caf::actor_system_config config;
  caf::actor_system sys{config};
  memory_database database;
  std::shared_ptr<gate> scans = std::make_shared<gate>();
  reader_actor reader;
};

} // namespace

SCENARIO("G9: scans of the log do not delay reads by key") {
  fixture f{1};
  caf::scoped_actor self{f.sys};
  std::vector<decltype(self->request(f.reader, caf::infinite, read_log{}))> searches;
  for (int i = 0; i < 100; ++i)
    searches.push_back(self->request(f.reader, caf::infinite, read_log{}));
  f.scans->await(1);
  // All of them stand still, and everything else is answered.
  self->request(f.reader, caf::infinite, get_log_end{})
    .receive([](const log_position&) {}, [](const caf::error& reason) { CAF_ERROR("refused: " << reason); });
  self->request(f.reader, caf::infinite, load_entity{entity_kind::order, "ord_1"})
    .receive([](const stored_entity&) {}, [](const caf::error& reason) { CAF_ERROR("refused: " << reason); });
  // The events of one order are found by their index.
  read_log own;
  own.filter.order = "ord_1";
  self->request(f.reader, caf::infinite, own)
    .receive([](const log_page&) {}, [](const caf::error& reason) { CAF_ERROR("refused: " << reason); });
  CHECK_EQ(f.scans->came(), 1);
  f.scans->open();
  for (auto& search : searches)
    search.receive([](const log_page&) {}, [](const caf::error& reason) { CAF_ERROR("refused: " << reason); });
  CHECK_EQ(f.scans->came(), 100);
}

SCENARIO("G9: a query that was abandoned before its turn is not made") {
  fixture f{0};
  caf::scoped_actor self{f.sys};
  std::vector<std::uint64_t> numbers;
  std::vector<decltype(self->request(f.reader, caf::infinite, read_log{}))> searches;
  for (int i = 0; i < 100; ++i) {
    searches.push_back(self->request(f.reader, std::chrono::seconds{30}, read_log{}));
    numbers.push_back(searches.back().id().request_id().integer_value());
  }
  f.scans->await(1);
  for (const auto number : numbers)
    self->send(f.reader, abandon_request{number});
  // Comes behind them, and is not abandoned.
  auto last = self->request(f.reader, caf::infinite, check_store{});
  // One query is running and one is next in the queue; the others are answered before that.
  int unanswered = 0;
  const auto receive = [&](auto& search) {
    search.receive([](const log_page&) {}, [&](const caf::error&) { ++unanswered; });
  };
  for (auto& search : searches | std::views::drop(2))
    receive(search);
  CHECK_EQ(unanswered, 98);
  CHECK_EQ(f.scans->came(), 1);
  f.scans->open();
  last.receive([] {}, [](const caf::error& reason) { CAF_ERROR("refused: " << reason); });
  for (auto& search : searches | std::views::take(2))
    receive(search);
  CHECK_EQ(unanswered, 98);
  CHECK_EQ(f.scans->came(), 2);
}
