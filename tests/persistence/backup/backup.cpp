#include "domain/base/errors.hpp"
#include "persistence/backup/sqlite_restore.hpp"
#include "persistence/files/database_lock.hpp"
#include "persistence/files/sqlite_file.hpp"
#include "tests/persistence/support/stored_shop.hpp"

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#define CAF_SUITE persistence.backup
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

namespace fs = std::filesystem;

struct shop_files : temp_folder {
  database_files place{*this / "data/waybill.db", *this / "data/waybill.db.provider"};
  database_files backup = files_of_backup(*this / "backup");

  [[nodiscard]] static store_config config_of(const std::string& path) {
    store_config config;
    config.url = "sqlite:" + path;
    return config;
  }

  [[nodiscard]] stored_shop open() const { return {config_of(place.store), config_of(place.ledger)}; }
};

std::uint64_t orders_of(const std::string& path) {
  const auto query = open_query_store(shop_files::config_of(path));
  list_orders all;
  all.limit = 10'000;
  return query->run(all).value().states.size();
}

/// Orders are placed, paid and cancelled while it lives.
class busy_shop {
public:
  explicit busy_shop(const shop_files& files)
    : thread_{[this, &files] {
        auto shop = files.open();
        shop.stock_up(1'000'000);
        while (!ending_) {
          shop.complete();
          shop.cancel();
          ++rounds_;
        }
      }} {}
  ~busy_shop() { ending_ = true; }

  [[nodiscard]] int rounds() const { return rounds_; }

private:
  std::atomic<bool> ending_ = false;
  std::atomic<int> rounds_ = 0;
  std::jthread thread_;
};

} // namespace

SCENARIO("a copy made under load is consistent: the audit finds no violation, and none after a restore") {
  const shop_files files;
  {
    busy_shop busy{files};
    for (int copy = 0; copy < 8; ++copy) {
      const auto before = busy.rounds();
      while (busy.rounds() < before + 3)
        std::this_thread::yield();
      const auto to = files_of_backup(files / ("copy" + std::to_string(copy)));
      REQUIRE(copy_databases(files.place, to).has_value());
      const auto report = check_database(shop_files::config_of(to.store), shop_files::config_of(to.ledger), true);
      REQUIRE(report.has_value());
      CHECK(report->audited);
      CHECK(report->units > 0);
      CHECK_EQ(lines_of(report->found), "");
    }
  }
  const auto last = files_of_backup(files / "copy7");
  const auto orders = orders_of(last.store);
  const auto position = open_query_store(shop_files::config_of(last.store))->run(get_log_end{}).value();
  CHECK(orders_of(files.place.store) > orders);
  const auto restored = restore_databases(last, files.place, true);
  REQUIRE(restored.has_value());
  CHECK_EQ(lines_of(restored->report.found), "");
  CHECK_EQ(orders_of(files.place.store), orders);
  CHECK_EQ(
    walk(audit_check{shop_files::config_of(files.place.store), shop_files::config_of(files.place.ledger)}).size(), 0u);
  // G11: who was following the log is told, also from a place that the backup has.
  const auto follower = open_query_store(shop_files::config_of(files.place.store));
  const auto refused = follower->run(read_log{position, {}, 1});
  CHECK(refused.has_error() && refused.error().code == ec::cursor_expired);
  CHECK_GT(follower->run(get_log_end{}).value().generation, position.generation);
  // The old file is not lost.
  REQUIRE(!restored->kept.empty());
  CHECK(orders_of(restored->kept.front()) > orders);
}

SCENARIO("a backup is not restored under a running node, and a damaged or missing one not at all") {
  const shop_files files;
  {
    auto shop = files.open();
    shop.stock_up();
    shop.complete();
  }
  REQUIRE(copy_databases(files.place, files.backup).has_value());
  {
    const auto running = database_lock::take(files.place.store);
    const auto refused = restore_databases(files.backup, files.place, true);
    REQUIRE(refused.has_error());
    CHECK_EQ(refused.error().code, ec::conflict);
  }
  const auto missing = restore_databases(files_of_backup(files / "nothing"), files.place, true);
  REQUIRE(missing.has_error());
  CHECK_EQ(missing.error().code, ec::not_found);
  {
    std::fstream file{files.backup.store, std::ios::in | std::ios::out | std::ios::binary};
    file.seekp(20'000);
    file << std::string(100'000, 'z');
  }
  const auto damaged = restore_databases(files.backup, files.place, true);
  REQUIRE(damaged.has_error());
  CHECK_EQ(damaged.error().code, ec::unreadable);
  CHECK_EQ(orders_of(files.place.store), 1u);
}

SCENARIO("a backup can be restored from where nothing can be written, and is for its user alone") {
  const shop_files files;
  {
    auto shop = files.open();
    shop.stock_up();
    shop.complete();
  }
  REQUIRE(copy_databases(files.place, files.backup).has_value());
  for (const auto& file : {files.backup.store, files.backup.ledger})
    CHECK(fs::status(file).permissions() == (fs::perms::owner_read | fs::perms::owner_write));
  CHECK(fs::status(folder_of(files.backup.store)).permissions() == fs::perms::owner_all);
  for (const auto& file : {files.backup.store, files.backup.ledger})
    fs::permissions(file, fs::perms::owner_read);
  fs::permissions(folder_of(files.backup.store), fs::perms::owner_read | fs::perms::owner_exec);
  fs::remove_all(folder_of(files.place.store));
  REQUIRE(restore_databases(files.backup, files.place, true).has_value());
  CHECK_EQ(orders_of(files.place.store), 1u);
  CHECK(find_exposed_files(files.place.store).empty());
  fs::permissions(folder_of(files.backup.store), fs::perms::owner_all);
}

SCENARIO("a restore that was interrupted is known, and ends when it is repeated") {
  const shop_files files;
  {
    auto shop = files.open();
    shop.stock_up();
    shop.complete();
  }
  REQUIRE(copy_databases(files.place, files.backup).has_value());
  CHECK(!is_half_restored(files.place.store));
  // As after a crash between the two renames.
  fs::rename(files.place.store, files.place.store + ".replaced");
  fs::copy_file(files.backup.store, files.place.store + ".restoring");
  CHECK(is_half_restored(files.place.store));
  REQUIRE(restore_databases(files.backup, files.place, true).has_value());
  CHECK(!is_half_restored(files.place.store));
  CHECK_EQ(orders_of(files.place.store), 1u);
}
