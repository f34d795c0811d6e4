#include "domain/base/errors.hpp"
#include "domain/base/log.hpp"
#include "persistence/store.hpp"
#include "persistence/trouble/store_trouble.hpp"
#include "tests/persistence/backends.hpp"
#include "tests/persistence/support/log_lines.hpp"
#include "tests/persistence/support/run_sql.hpp"

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#define CAF_SUITE persistence.unusable_store
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

namespace fs = std::filesystem;

/// A shop's database in a file, with some entities.
struct stored_file : temp_folder {
  stored_file() : path{*this / "waybill.db"} {
    config.url = "sqlite:" + path;
    migrate(config).value();
    open();
    for (int i = 0; i < 300; ++i)
      write(*journal, make_append("ord_" + std::to_string(i), 0, 1, R"({"filler":")" + std::string(500, 'x') + "\"}"));
  }

  void open() {
    journal = open_journal_store(config, "here");
    query = open_query_store(config);
  }

  void close() {
    journal.reset();
    query.reset();
  }

  std::string path;
  store_config config;
  std::unique_ptr<journal_store> journal;
  std::unique_ptr<query_store> query;
};

store_trouble trouble_of_write(journal_store& journal) {
  const auto request = make_append("ord_new", 0);
  const auto outcome = journal.commit({&request, 1});
  if (outcome)
    return outcome->front() ? store_trouble::none : trouble_of(outcome->front().error());
  return trouble_of(outcome.error());
}

store_trouble trouble_of_check(query_store& query) {
  const auto outcome = query.run(check_store{});
  return outcome ? store_trouble::none : trouble_of(outcome.error());
}

void overwrite(const std::string& path, std::uintmax_t from, std::uintmax_t size) {
  std::fstream file{path, std::ios::in | std::ios::out | std::ios::binary};
  file.seekp(static_cast<std::streamoff>(from));
  file << std::string(size, '\x5a');
}

} // namespace

SCENARIO("a PostgreSQL server that accepts no writes is reported as read-only, until it accepts them") {
  store_config config{test_postgres::shared().create_database()};
  migrate(config).value();
  const auto name = config.url.substr(config.url.rfind('/') + 1);
  run_sql(config.url, "alter database " + name + " set default_transaction_read_only = on");
  {
    const log_lines lines;
    auto journal = open_journal_store(config, "here");
    auto query = open_query_store(config);
    for (int i = 0; i < 20; ++i) {
      CHECK(trouble_of_write(*journal) == store_trouble::read_only);
      CHECK(trouble_of_check(*query) == store_trouble::read_only);
    }
    const auto probed = journal->probe();
    CHECK(probed.has_error() && trouble_of(probed.error()) == store_trouble::read_only);
    // Once for each connection.
    CHECK_EQ(lines.count("read-only"), 2u);
    CHECK_EQ(lines.count("refused a statement"), 0u);
    CHECK_EQ(lines.count("is back"), 0u);
    run_sql(config.url, "begin read write; alter database " + name + " reset default_transaction_read_only; commit");
    test_postgres::shared().terminate_sessions(config.url);
    CHECK(trouble_of_check(*query) == store_trouble::none);
    trouble_of_write(*journal);
    CHECK(trouble_of_write(*journal) == store_trouble::none);
    CHECK_EQ(lines.count("is back"), 2u);
  }
}

SCENARIO("a statement whose plan a migration made useless is prepared anew") {
  store_config config{test_postgres::shared().create_database()};
  migrate(config).value();
  auto journal = open_journal_store(config, "here");
  auto query = open_query_store(config);
  write(*journal, make_append("ord_a", 0));
  const load_entity look{entity_kind::order, "ord_a"};
  CHECK_EQ(query->run(look).value().version, 1u);
  // "cached plan must not change result type"
  run_sql(config.url, "alter table entities alter column version type integer");
  CHECK_EQ(query->run(look).value().version, 1u);
  CHECK_EQ(write(*journal, make_append("ord_a", 1)), 2u);
}

SCENARIO("a damaged SQLite file is reported once, and not used any more") {
  stored_file file;
  file.close();
  // Everything but the header and the schema.
  overwrite(file.path, 16'384, fs::file_size(file.path) - 16'384);
  const log_lines lines;
  file.open();
  bool met = false;
  for (int i = 0; i < 300 && !met; ++i)
    met = file.query->run(load_entity{entity_kind::order, "ord_" + std::to_string(i)}).has_error();
  CHECK(met);
  const auto content = fs::last_write_time(file.path);
  for (int i = 0; i < 10; ++i) {
    CHECK(trouble_of_check(*file.query) == store_trouble::damaged);
    CHECK(trouble_of_write(*file.journal) == store_trouble::damaged);
  }
  auto another = open_query_store(file.config);
  CHECK(trouble_of_check(*another) == store_trouble::damaged);
  CHECK(fs::last_write_time(file.path) == content);
  CHECK_EQ(lines.count("the database is damaged"), 1u);
  CHECK_EQ(lines.count("refused a statement"), 0u);
}

SCENARIO("a file that is not a database counts as damaged, not as unavailable") {
  const temp_folder folder;
  store_config config{"sqlite:" + (folder / "junk.db")};
  std::ofstream{folder / "junk.db"} << std::string(50'000, 'j');
  const auto refused = migrate(config);
  REQUIRE(refused.has_error());
  CHECK(refused.error().detail.find("is damaged") != std::string::npos);
  CHECK(refused.error().detail.find("junk.db") != std::string::npos);
}

SCENARIO("a SQLite file that is removed or replaced under the running node gets no more writes") {
  for (const bool replaced : {false, true}) {
    stored_file file;
    CHECK(trouble_of_check(*file.query) == store_trouble::none);
    const log_lines lines;
    fs::rename(file.path, file.path + ".away");
    if (replaced)
      std::ofstream{file.path} << "another";
    for (int i = 0; i < 10; ++i) {
      CHECK(trouble_of_check(*file.query) == store_trouble::gone);
      CHECK(trouble_of_write(*file.journal) == store_trouble::gone);
    }
    auto late = open_query_store(file.config);
    CHECK(trouble_of_check(*late) == store_trouble::gone);
    CHECK_EQ(fs::exists(file.path), replaced);
    CHECK(lines.count("moved, removed or replaced") > 0);
    CHECK(lines.count("moved, removed or replaced") <= 3u);
    // The file can be put back.
    fs::rename(file.path + ".away", file.path);
    CHECK(trouble_of_check(*file.query) == store_trouble::none);
    CHECK(trouble_of_write(*file.journal) == store_trouble::none);
    CHECK_EQ(file.query->run(load_entity{entity_kind::order, "ord_7"}).value().version, 1u);
  }
}
