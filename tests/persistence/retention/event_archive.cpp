#include "persistence/retention/event_archive.hpp"

#include "domain/base/errors.hpp"
#include "tests/persistence/support/trimming.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include <sys/stat.h>

#define CAF_SUITE persistence.event_archive
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

std::vector<std::string> lines_of(const std::string& path) {
  std::ifstream file{path};
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);)
    lines.push_back(line);
  return lines;
}

event_archive archive_in(const temp_folder& folder) {
  return {folder / "made", "here", [](const stored_event& event) { return event_id(event); }};
}

std::string archive_range(const event_archive& archive, log_trimmer& trimmer, const log_range& range) {
  return archive.write(range, [&](log_position after) { return trimmer.read(range, after); }).value();
}

} // namespace

SCENARIO("after a crash between archive and removal the range is archived again, identically, each event once") {
  on_every_database([](sql_backend& database, const std::string& name) {
    CAF_MESSAGE(name);
    const temp_folder folder;
    const auto archive = archive_in(folder);
    auto journal = database.journal("here");
    write_stream(*journal, "ord_a", 20);
    const auto all = ids_of(read_all(*database.query()));
    std::string file;
    std::vector<std::string> first_lines;
    {
      auto crashing = open_log_trimmer(database.config, {.range = 12, .batch = 5});
      const auto plan = crashing->plan(everything_old()).value();
      file = archive_range(archive, *crashing, *plan.horizon.range);
      first_lines = lines_of(archive.folder() + "/" + file);
      CHECK_EQ(first_lines.size(), 12U);
    }
    write_stream(*journal, "ord_a", 20, 20);
    // The next run has other limits, and would choose more events.
    auto next = open_log_trimmer(database.config, {.range = 1'000, .batch = 3});
    auto plan = next->plan(everything_old()).value();
    CHECK_EQ(archive_range(archive, *next, *plan.horizon.range), file);
    CHECK_EQ(lines_of(archive.folder() + "/" + file), first_lines);
    // And once more in the middle of the removal: then the file is whole.
    next->remove(*plan.horizon.range).value();
    auto last = open_log_trimmer(database.config, {.range = 1'000, .batch = 1'000});
    plan = last->plan(everything_old()).value();
    CHECK(plan.horizon.position != plan.horizon.range->begin);
    last->remove(*plan.horizon.range).value();
    plan = last->plan(everything_old()).value();
    const auto second = archive_range(archive, *last, *plan.horizon.range);
    last->remove(*plan.horizon.range).value();
    std::vector<std::string> seen = lines_of(archive.folder() + "/" + file);
    for (const auto& lines : {lines_of(archive.folder() + "/" + second), kept(database)})
      seen.insert(seen.end(), lines.begin(), lines.end());
    CHECK_EQ(seen.size(), 40U);
    CHECK(std::equal(all.begin(), all.end(), seen.begin()));
    CHECK_EQ(std::set<std::string>(seen.begin(), seen.end()).size(), 40U);
    // No draft is left.
    CHECK_EQ(std::distance(std::filesystem::directory_iterator{archive.folder()}, {}), 2);
  });
}

SCENARIO("an archive that cannot be written says so and leaves no file") {
  const temp_folder folder;
  std::ofstream{folder / "file"} << "in the way";
  const event_archive archive{folder / "file", "here", event_id};
  const auto written = archive.write({{}, {0, 1}}, [](log_position) -> result<log_page> { return log_page{}; });
  CAF_REQUIRE(!written);
  CHECK(written.error().code == ec::unavailable);
  CHECK(written.error().detail.find(folder / "file") != std::string::npos);
  const event_archive broken{folder / "made", "here", event_id};
  CHECK(!broken.write({{}, {0, 1}}, [](log_position) -> result<log_page> { return failure{ec::unavailable, "away"}; }));
  CHECK(std::filesystem::is_empty(folder / "made"));
}

SCENARIO("B5: only the node's user can read the archive, under any umask and with a left-over draft of anybody") {
  const temp_folder folder;
  const event_archive archive{folder / "made", "here", event_id};
  const log_range range{{}, {0, 1}};
  std::filesystem::create_directory(folder / "made");
  const auto draft = archive.folder() + "/" + archive_name(range) + ".here.unfinished";
  std::ofstream{draft} << "of a node that was killed";
  std::filesystem::permissions(draft, std::filesystem::perms{0666});
  const auto before = ::umask(0);
  const auto name = archive.write(range, [](log_position) -> result<log_page> { return log_page{}; });
  ::umask(before);
  CAF_REQUIRE(name);
  const auto rights = std::filesystem::status(archive.folder() + "/" + *name).permissions();
  CHECK(rights == std::filesystem::perms{0600});
}
