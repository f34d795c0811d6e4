#include "tests/support/postgres.hpp"

#include <libpq-fe.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <pwd.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace waybill::test {

namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const std::string& reason) {
  throw std::runtime_error("test PostgreSQL: " + reason);
}

/// The newest server that is installed.
std::string find_binaries() {
  std::vector<std::string> folders;
  std::error_code ignored;
  for (const auto& version : fs::directory_iterator{"/usr/lib/postgresql", ignored})
    if (fs::exists(version.path() / "bin" / "initdb"))
      folders.push_back((version.path() / "bin").string());
  if (folders.empty())
    fail("no server below /usr/lib/postgresql");
  return *std::max_element(folders.begin(), folders.end());
}

int find_free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  const bool done = socket >= 0 && bind(socket, generic, length) == 0 && getsockname(socket, generic, &length) == 0;
  if (socket >= 0)
    close(socket);
  if (!done)
    fail("no free port");
  return ntohs(address.sin_port);
}

/// Runs a program, as the user `postgres` when this process is root: the server refuses to run as root. The program is
/// killed when this process ends.
pid_t spawn(const std::vector<std::string>& arguments, const std::string& log, int end_signal,
            int network_namespace = -1) {
  std::vector<char*> raw;
  for (const auto& argument : arguments)
    raw.push_back(const_cast<char*>(argument.c_str()));
  raw.push_back(nullptr);
  const auto* user = getuid() == 0 ? getpwnam("postgres") : nullptr;
  const auto parent = getpid();
  const auto child = fork();
  if (child < 0)
    fail("cannot fork");
  if (child > 0)
    return child;
  const auto* out = std::freopen(log.c_str(), "a", stdout);
  const bool quiet = out != nullptr && dup2(STDOUT_FILENO, STDERR_FILENO) >= 0;
  const bool placed = network_namespace < 0 || setns(network_namespace, CLONE_NEWNET) == 0;
  const bool lowered =
    user == nullptr || (setgroups(0, nullptr) == 0 && setgid(user->pw_gid) == 0 && setuid(user->pw_uid) == 0);
  // After the change of the user, which clears it; the parent may be gone already.
  prctl(PR_SET_PDEATHSIG, end_signal);
  setpgid(0, 0);
  if (quiet && placed && lowered && getppid() == parent && chdir("/") == 0)
    execv(raw[0], raw.data());
  _exit(127);
}

/// The processes whose parent is `parent`.
std::vector<pid_t> children_of(pid_t parent) {
  std::vector<pid_t> children;
  for (const auto& entry : fs::directory_iterator{"/proc"}) {
    const auto name = entry.path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos)
      continue;
    std::ifstream stat{entry.path() / "stat"};
    const std::string text{std::istreambuf_iterator<char>{stat}, {}};
    // "pid (name) state parent": the name may hold anything.
    const auto behind_name = text.rfind(')');
    if (behind_name != std::string::npos && std::strtol(text.c_str() + behind_name + 4, nullptr, 10) == parent)
      children.push_back(static_cast<pid_t>(std::stol(name)));
  }
  return children;
}

using connection = std::unique_ptr<PGconn, decltype(&PQfinish)>;

connection connect(const std::string& url) {
  return {PQconnectdb(url.c_str()), &PQfinish};
}

} // namespace

test_postgres::test_postgres(postgres_place place)
  : place_{std::move(place)}, binaries_{find_binaries()}, port_{find_free_port()} {
  if (const auto* user = getuid() == 0 ? getpwnam("postgres") : nullptr; user != nullptr)
    if (chown(folder_.path().c_str(), user->pw_uid, user->pw_gid) != 0)
      fail("cannot change the owner of the folder");
  try {
    const auto initdb = spawn({binaries_ + "/initdb", "--pgdata=" + folder_ / "data", "--auth=trust", "--no-sync",
                               "--username=waybill", "--encoding=UTF8", "--locale=C.UTF-8"},
                              folder_ / "log", SIGKILL);
    int status = 0;
    if (waitpid(initdb, &status, 0) != initdb || status != 0)
      fail("initdb failed");
    if (place_.network_namespace >= 0)
      std::ofstream{folder_ / "data/pg_hba.conf", std::ios::app} << "host all all 0.0.0.0/0 trust\n"
                                                                 << "host replication all 0.0.0.0/0 trust\n";
    // Another process may take the port before the server does.
    for (int tries = 3; server_ <= 0; --tries) {
      try {
        start();
      } catch (const std::exception&) {
        if (tries == 1)
          throw;
        port_ = find_free_port();
      }
    }
  } catch (...) {
    end(SIGKILL);
    throw;
  }
}

test_postgres::~test_postgres() {
  end(SIGINT);
}

void test_postgres::start() {
  if (server_ > 0)
    return;
  server_ = spawn({binaries_ + "/postgres", "-D", folder_ / "data", "-p", std::to_string(port_), "-k",
                   folder_.path().string(), "-c", "listen_addresses=" + place_.address, "-c",
                   "max_connections=" + std::to_string(place_.max_connections), "-c", "shared_buffers=64MB"},
                  folder_ / "log", SIGQUIT, place_.network_namespace);
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds{60};
  while (!answers()) {
    if (waitpid(server_, nullptr, WNOHANG) == server_) {
      server_ = -1;
      fail("the server ended at once");
    }
    if (std::chrono::steady_clock::now() > limit)
      fail("the server does not answer");
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
  }
}

bool test_postgres::answers() const {
  return PQping(url("postgres").c_str()) == PQPING_OK;
}

void test_postgres::stop() {
  end(SIGINT);
}

void test_postgres::kill() {
  end(SIGQUIT);
}

void test_postgres::end(int signal) {
  thaw();
  if (server_ <= 0)
    return;
  ::kill(server_, signal);
  waitpid(server_, nullptr, 0);
  server_ = -1;
}

void test_postgres::save_backup() {
  fs::remove_all(folder_ / "backup");
  const auto backup = spawn({binaries_ + "/pg_basebackup", "--pgdata=" + folder_ / "backup", "--host=" + place_.address,
                             "--port=" + std::to_string(port_), "--username=waybill", "--checkpoint=fast",
                             "--wal-method=stream", "--no-sync"},
                            folder_ / "log", SIGKILL);
  int status = 0;
  if (waitpid(backup, &status, 0) != backup || status != 0)
    fail("pg_basebackup failed");
}

void test_postgres::restore_backup() {
  kill();
  fs::remove_all(folder_ / "data");
  fs::rename(folder_ / "backup", folder_ / "data");
}

std::string test_postgres::url(const std::string& database) const {
  return "postgresql://waybill@" + place_.address + ":" + std::to_string(port_) + "/" + database;
}

std::string test_postgres::create_database() {
  start();
  const auto name = "test_" + std::to_string(++databases_);
  const auto session = connect(url("postgres"));
  auto* outcome = PQexec(session.get(), ("create database " + name).c_str());
  const bool done = PQresultStatus(outcome) == PGRES_COMMAND_OK;
  PQclear(outcome);
  if (!done)
    fail("cannot create a database");
  return url(name);
}

std::string test_postgres::log() const {
  std::ifstream file{folder_ / "log"};
  return {std::istreambuf_iterator<char>{file}, {}};
}

int test_postgres::terminate_sessions(const std::string& database_url) {
  const auto session = connect(database_url);
  auto* outcome = PQexec(session.get(), "select pg_terminate_backend(pid) from pg_stat_activity "
                                        "where datname = current_database() and pid <> pg_backend_pid()");
  const auto ended = PQntuples(outcome);
  PQclear(outcome);
  return ended;
}

void test_postgres::freeze() {
  int ends[2];
  if (server_ <= 0 || waker_ > 0 || pipe2(ends, O_CLOEXEC) != 0)
    fail("cannot freeze the server");
  // First the parent: then it makes no more children.
  std::vector<pid_t> all{server_};
  ::kill(server_, SIGSTOP);
  for (const auto child : children_of(server_)) {
    ::kill(child, SIGSTOP);
    all.push_back(child);
  }
  waker_ = fork();
  if (waker_ < 0)
    fail("cannot fork");
  if (waker_ == 0) {
    close(ends[1]);
    // A byte from thaw(), or the end of the process.
    char byte = 0;
    while (read(ends[0], &byte, 1) < 0) {
    }
    for (const auto process : all)
      ::kill(process, SIGCONT);
    _exit(0);
  }
  close(ends[0]);
  lifeline_ = ends[1];
}

void test_postgres::thaw() {
  if (waker_ <= 0)
    return;
  const char byte = 0;
  if (write(lifeline_, &byte, 1) != 1)
    ::kill(server_, SIGCONT);
  close(lifeline_);
  waitpid(waker_, nullptr, 0);
  waker_ = -1;
}

test_postgres& test_postgres::shared() {
  static test_postgres server;
  return server;
}

} // namespace waybill::test
