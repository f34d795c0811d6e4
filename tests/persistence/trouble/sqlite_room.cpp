#include "persistence/trouble/store_trouble.hpp"
#include "tests/persistence/backends.hpp"
#include "tests/persistence/support/full_disk.hpp"
#include "tests/persistence/support/log_lines.hpp"

#include <sqlite3.h>

#include <filesystem>

#define CAF_SUITE persistence.sqlite_room
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

namespace fs = std::filesystem;

struct file_store : temp_folder {
  file_store() : path{*this / "waybill.db"} {
    full_disk::prepare();
    migrate(config()).value();
    journal = open_journal_store(config(), "here");
    query = open_query_store(config());
  }

  [[nodiscard]] store_config config() const { return {"sqlite:" + path}; }

  result<std::vector<result<appended>>> write_much(int number) {
    const auto request =
      make_append("ord_" + std::to_string(number), 0, 1, R"({"filler":")" + std::string(500'000, 'x') + "\"}");
    return journal->commit({&request, 1});
  }

  std::string path;
  std::unique_ptr<journal_store> journal;
  std::unique_ptr<query_store> query;
};

/// Reads a database as it was when this was made.
class long_reader {
public:
  explicit long_reader(const std::string& path) {
    if (sqlite3_open(path.c_str(), &handle_) != SQLITE_OK
        || sqlite3_exec(handle_, "begin; select count(*) from events", nullptr, nullptr, nullptr) != SQLITE_OK)
      throw std::runtime_error{"the database cannot be read"};
  }
  ~long_reader() { sqlite3_close(handle_); }
  long_reader(const long_reader&) = delete;
  long_reader& operator=(const long_reader&) = delete;

private:
  sqlite3* handle_ = nullptr;
};

} // namespace

SCENARIO("while the disk is full reads work, the reason is logged once, and writes continue when there is room again") {
  file_store store;
  CHECK(store.write_much(0).has_value());
  const log_lines lines;
  {
    const full_disk disk;
    for (int i = 0; i < 20; ++i) {
      const auto refused = store.write_much(1);
      REQUIRE(refused.has_error());
      CHECK(trouble_of(refused.error()) == store_trouble::full);
      const auto probed = store.journal->probe();
      REQUIRE(probed.has_error());
      CHECK(trouble_of(probed.error()) == store_trouble::full);
      CHECK_EQ(store.query->run(load_entity{entity_kind::order, "ord_0"}).value().version, 1u);
      CHECK(store.query->run(check_store{}).has_value());
    }
  }
  CHECK_EQ(lines.count("the disk of the database is full"), 1u);
  CHECK_EQ(lines.count("is back"), 0u);
  CHECK(store.journal->probe().has_value());
  CHECK(store.write_much(1).value().front().has_value());
  CHECK_EQ(lines.count("is back"), 1u);
}

SCENARIO("a long read blocks nobody, and when it ends SQLite's log becomes short again") {
  file_store store;
  const auto log_size = [&] { return fs::file_size(store.path + "-wal"); };
  constexpr std::uintmax_t mebibyte = 1U << 20U;
  int number = 0;
  const log_lines lines;
  {
    const long_reader reader{store.path};
    while (log_size() < 56 * mebibyte)
      REQUIRE(store.write_much(number++).has_value());
  }
  for (int i = 0; i < 20; ++i)
    REQUIRE(store.write_much(number++).has_value());
  CHECK(log_size() <= 17 * mebibyte);
  CHECK_EQ(lines.count("cannot be used"), 0u);
  CHECK_EQ(lines.count("is back"), 0u);
}
