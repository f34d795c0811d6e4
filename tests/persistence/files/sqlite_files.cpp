#include "domain/base/errors.hpp"
#include "persistence/files/database_lock.hpp"
#include "persistence/files/sqlite_file.hpp"
#include "tests/persistence/backends.hpp"

#include <csignal>
#include <filesystem>
#include <fstream>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define CAF_SUITE persistence.sqlite_files
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

namespace fs = std::filesystem;

unsigned mode_of(const std::string& path) {
  struct stat file {};
  return ::stat(path.c_str(), &file) == 0 ? file.st_mode & 07777U : 0;
}

/// Changes the umask of this process while it lives.
class changed_umask {
public:
  explicit changed_umask(mode_t mask) : before_{::umask(mask)} {}
  ~changed_umask() { ::umask(before_); }
  changed_umask(const changed_umask&) = delete;
  changed_umask& operator=(const changed_umask&) = delete;

private:
  mode_t before_;
};

} // namespace

SCENARIO("only its user can read a new database and its folder, under any umask") {
  for (const mode_t mask : {0U, 022U, 077U, 0277U}) {
    const temp_folder folder;
    const changed_umask open{mask};
    store_config config{"sqlite:" + (folder / "new/deep/waybill.db")};
    REQUIRE(migrate(config).has_value());
    auto journal = open_journal_store(config, "here");
    write(*journal, make_append("ord_a", 0));
    for (const auto& file : files_of(folder / "new/deep/waybill.db"))
      CHECK_EQ(mode_of(file), 0600u);
    CHECK_EQ(mode_of(folder / "new") & 077U, 0u);
    CHECK_EQ(mode_of(folder / "new/deep") & 077U, 0u);
    CHECK(find_exposed_files(folder / "new/deep/waybill.db").empty());
    const auto lock = database_lock::take(folder / "new/deep/waybill.db");
    CHECK_EQ(mode_of(folder / "new/deep/waybill.db.lock") & 077U, 0u);
  }
}

SCENARIO("files that others can read, and folders where others can replace them, are reported") {
  const temp_folder folder;
  const auto path = folder / "data/waybill.db";
  REQUIRE(migrate({"sqlite:" + path}).has_value());
  fs::permissions(path, fs::perms{0644});
  auto exposed = find_exposed_files(path);
  REQUIRE_EQ(exposed.size(), 1u);
  CHECK(exposed[0].find(path) != std::string::npos);
  CHECK(exposed[0].find("0644") != std::string::npos);
  fs::permissions(path, fs::perms{0600});
  fs::permissions(folder / "data", fs::perms{0777});
  exposed = find_exposed_files(path);
  REQUIRE_EQ(exposed.size(), 1u);
  CHECK(exposed[0].find("replace") != std::string::npos);
  // As in /tmp, no user can replace the file of another one.
  fs::permissions(folder / "data", fs::perms{01777});
  CHECK(find_exposed_files(path).empty());
  if (::getuid() == 0) {
    REQUIRE_EQ(::chown(path.c_str(), 12'345, 12'345), 0);
    exposed = find_exposed_files(path);
    REQUIRE_EQ(exposed.size(), 1u);
    CHECK(exposed[0].find("12345") != std::string::npos);
  }
}

SCENARIO("a database belongs to one process, by every path to it, and the error names the process") {
  const temp_folder folder;
  const auto path = folder / "waybill.db";
  std::ofstream{path} << "";
  auto lock = database_lock::take(path);
  REQUIRE(lock.has_value());
  fs::create_symlink(path, folder / "link.db");
  fs::create_directory(folder / "below");
  for (const auto& other : {path, folder / "link.db", folder / "below/../waybill.db"}) {
    const auto refused = database_lock::take(other);
    REQUIRE(refused.has_error());
    CHECK_EQ(refused.error().code, ec::conflict);
    CHECK(refused.error().detail.find("process " + std::to_string(::getpid())) != std::string::npos);
  }
  CHECK(database_lock::take(folder / "another.db").has_value());
  lock->reset();
  CHECK(database_lock::take(path).has_value());
}

SCENARIO("the lock of a process that is killed is free at once") {
  const temp_folder folder;
  const auto path = folder / "waybill.db";
  int taken[2];
  REQUIRE_EQ(::pipe(taken), 0);
  const auto child = ::fork();
  if (child == 0) {
    const auto lock = database_lock::take(path);
    const char byte = lock ? 'y' : 'n';
    if (::write(taken[1], &byte, 1) == 1)
      ::pause();
    ::_exit(1);
  }
  char byte = 0;
  REQUIRE_EQ(::read(taken[0], &byte, 1), 1);
  CHECK_EQ(byte, 'y');
  const auto refused = database_lock::take(path);
  REQUIRE(refused.has_error());
  CHECK(refused.error().detail.find("process " + std::to_string(child)) != std::string::npos);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  CHECK(database_lock::take(path).has_value());
  ::close(taken[0]);
  ::close(taken[1]);
}
