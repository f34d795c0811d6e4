// A node is started on SQLite files in which something is wrong. Whatever it is, the same file always ends the same way
// (docs/operations.md, "A file at the start").

#include "tests/support/eventually.hpp"
#include "tests/support/http_shop.hpp"
#include "tests/support/node_process.hpp"
#include "tests/support/second_user.hpp"
#include "tests/support/temp_folder.hpp"

#include <sqlite3.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>

#define CAF_SUITE cluster.damaged_start
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

namespace fs = std::filesystem;

constexpr std::string_view damaged = "the database is damaged: ";
constexpr int page_size = 4'096;

struct shop_folder : temp_folder {
  std::string file = *this / "data/shop.db";

  [[nodiscard]] node_process start(const std::string& name) const {
    auto all = quick_settings();
    all.push_back("--store=sqlite:" + file);
    return {path().string(), name, all};
  }

  /// By a node that ends in order.
  void fill() const {
    auto node = start("first");
    node.await_ready();
    auto wishes = mixed_wishes(200, stock_products(node.url()));
    rush orders{node.url(), wishes, std::chrono::seconds{60}};
    orders.wait();
    CAF_CHECK_EQUAL(node.stop(), std::optional<int>{0});
  }

  void overwrite(std::uintmax_t at, std::size_t octets) const {
    std::fstream changed{file, std::ios::in | std::ios::out | std::ios::binary};
    changed.seekp(static_cast<std::streamoff>(at));
    changed << std::string(octets, '\x5a');
  }

  /// The first number that the statement answers.
  [[nodiscard]] std::uintmax_t ask(const std::string& sql) const {
    sqlite3* opened = nullptr;
    CAF_REQUIRE_EQUAL(sqlite3_open(file.c_str(), &opened), SQLITE_OK);
    const std::unique_ptr<sqlite3, decltype(&sqlite3_close)> database{opened, &sqlite3_close};
    std::uintmax_t number = 0;
    const auto take = [](void* into, int, char** values, char**) {
      *static_cast<std::uintmax_t*>(into) = std::stoull(values[0]);
      return 0;
    };
    CAF_REQUIRE_EQUAL(sqlite3_exec(opened, sql.c_str(), take, &number, nullptr), SQLITE_OK);
    return number;
  }
};

std::size_t count_in(const std::string& text, std::string_view part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
    ++count;
  return count;
}

std::string octets_of(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

/// Ends by itself, before it serves anything, and says why once.
void check_refused(const shop_folder& folder, const std::string& why) {
  auto node = folder.start("second");
  CHECK_EQ(node.process().wait(std::chrono::seconds{60}), std::optional<int>{1});
  const auto log = node.log();
  CAF_MESSAGE(log);
  CHECK_EQ(count_in(log, "cannot start: "), 1u);
  CHECK(log.find(why) != std::string::npos);
  CHECK_EQ(count_in(log, " serves as "), 0u);
  CHECK_EQ(count_in(log, "requests are refused"), 0u);
}

} // namespace

SCENARIO("a node that cannot read its schema, its migrations or the keys of access tokens ends at the start") {
  const shop_folder folder;
  folder.fill();
  for (const std::string table : {"signing_keys", "schema_migrations"}) {
    const auto kept = folder / "kept.db";
    fs::copy_file(folder.file, kept, fs::copy_options::overwrite_existing);
    const auto page = folder.ask("select rootpage from sqlite_master where name = '" + table + "'");
    CAF_REQUIRE(page > 1u);
    folder.overwrite((page - 1) * page_size, page_size);
    // If it were by chance, it would differ from one start to the next.
    for (int i = 0; i < 3; ++i)
      check_refused(folder, std::string{damaged});
    fs::rename(kept, folder.file);
  }
  auto node = folder.start("mended");
  node.await_ready();
  CHECK_EQ(node.stop(), std::optional<int>{0});
}

SCENARIO("a node whose file is damaged elsewhere starts, and is not ready once it has read the damage") {
  const shop_folder folder;
  folder.fill();
  const auto size = fs::file_size(folder.file);
  for (auto at = size / 2; at < size; at += page_size)
    folder.overwrite(at, 64);
  for (int i = 0; i < 3; ++i) {
    auto node = folder.start("second");
    CHECK(eventually([&] { return !node.url().empty() || !node.process().is_running(); }));
    CAF_REQUIRE(node.process().is_running());
    const auto audited = run_waybill({"shell", "--connect=" + node.listen_address(), "-c", "audit --all"});
    CHECK(audited.code != std::optional<int>{0});
    CHECK((audited.out + audited.err).find("damaged") != std::string::npos);
    CHECK(eventually([&] { return get(node.url(), "/readyz")->status == 503; }));
    CHECK(get(node.url(), "/readyz")->body.find("the database is damaged") != std::string::npos);
    CHECK_EQ(get(node.url(), "/v1/orders")->status, 503u);
    CHECK_EQ(count_in(node.log(), damaged), 1u);
    CHECK_EQ(count_in(node.log(), "cannot start"), 0u);
    CHECK_EQ(node.stop(), std::optional<int>{0});
  }
}

SCENARIO("a node that is started on the file of another program ends, and leaves the file unchanged") {
  const shop_folder folder;
  fs::create_directories(folder / "data");
  std::ofstream{folder.file} << std::string(50'000, 'j');
  check_refused(folder, std::string{damaged});
  CHECK_EQ(fs::file_size(folder.file), 50'000u);
  for (const std::string schema : {"create table customers (id integer primary key)",
                                   "create table schema_migrations (version text primary key)"}) {
    fs::remove(folder.file);
    CAF_MESSAGE(schema);
    // sqlite_master has nothing to answer.
    CHECK_EQ(folder.ask(schema), 0u);
    const auto before = octets_of(folder.file);
    check_refused(folder, "is another program's: it has the table '");
    CHECK(octets_of(folder.file) == before);
    CHECK_EQ(folder.ask("select count(*) from sqlite_master where type = 'table'"), 1u);
  }
}

SCENARIO("a node that may not write its file or its folder ends and says so") {
  if (!can_be_two_users())
    return;
  const second_user other;
  const shop_folder folder;
  folder.fill();
  fs::permissions(folder.path(), fs::perms{0711});
  fs::permissions(folder / "data", fs::perms{0755});
  for (const auto& entry : fs::directory_iterator{folder / "data"})
    fs::permissions(entry.path(), fs::perms{0644});
  const auto start = [&] {
    auto ended = other.run({"node", "--store=sqlite:" + folder.file, "--http=127.0.0.1:0", "--listen=127.0.0.1:0"});
    CAF_MESSAGE(ended.err);
    CHECK_EQ(ended.code, std::optional<int>{1});
    CHECK_EQ(count_in(ended.err, "cannot start: "), 1u);
    return ended.err;
  };
  CHECK(start().find("shop.db.lock cannot be made: Permission denied") != std::string::npos);
  fs::permissions(folder / "data", fs::perms{0777});
  fs::permissions(folder.file + ".lock", fs::perms{0666});
  const auto content = fs::last_write_time(folder.file);
  CHECK(start().find("cannot open the database file " + folder.file + ": the database is read-only")
        != std::string::npos);
  CHECK(fs::last_write_time(folder.file) == content);
}

SCENARIO("a node with half of SQLite's log serves the commits in it, and refuses positions beyond") {
  const shop_folder folder;
  folder.fill();
  std::string cursor;
  {
    auto node = folder.start("first");
    node.await_ready();
    // So few that SQLite does not begin its log anew: the end of the file is the last write.
    auto wishes = mixed_wishes(5, stock_products(node.url()));
    rush orders{node.url(), wishes, std::chrono::seconds{60}};
    orders.wait();
    std::vector<std::string> ids;
    follow_log(node.url(), cursor, ids);
    node.kill();
  }
  const auto log = folder.file + "-wal";
  CAF_REQUIRE(fs::exists(log));
  fs::resize_file(log, fs::file_size(log) / 2);
  auto node = folder.start("second");
  node.await_ready();
  const auto refused = get(node.url(), "/v1/events?after=" + cursor);
  CHECK_EQ(refused->status, 410u);
  CHECK_EQ(text_at(refused->body, "/code"), "cursor_expired");
  CHECK_EQ(get(node.url(), "/v1/orders")->status, 200u);
  const auto audited = run_waybill({"shell", "--connect=" + node.listen_address(), "-c", "audit --all"});
  CAF_MESSAGE(audited.out << audited.err);
  // The provider's ledger is another file with a complete log: the audit may report the difference.
  CHECK_EQ(count_in(node.log(), damaged), 0u);
  CHECK_EQ(node.stop(), std::optional<int>{0});
}
