#include "tests/persistence/support/pooler.hpp"

#include "tests/support/eventually.hpp"

#include <libpq-fe.h>

#include <csignal>
#include <cstdio>
#include <fstream>
#include <stdexcept>
#include <vector>

#include <arpa/inet.h>
#include <grp.h>
#include <netinet/in.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace waybill::test {

namespace {

constexpr const char* program = "/usr/sbin/pgbouncer";

int find_free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  const bool done = bind(socket, generic, length) == 0 && getsockname(socket, generic, &length) == 0;
  close(socket);
  if (!done)
    throw std::runtime_error{"pgbouncer: no free port"};
  return ntohs(address.sin_port);
}

/// `postgresql://waybill@127.0.0.1:<port>/<database>`
struct url_parts {
  std::string port;
  std::string database;

  explicit url_parts(const std::string& url) {
    const auto slash = url.rfind('/');
    const auto colon = url.rfind(':', slash);
    port = url.substr(colon + 1, slash - colon - 1);
    database = url.substr(slash + 1);
  }
};

} // namespace

pooler::pooler(const std::string& database, const std::string& mode, const std::string& options) {
  const url_parts parts{database};
  const auto port = std::to_string(find_free_port());
  const auto configuration = folder_ / "pgbouncer.ini";
  std::ofstream{configuration} << "[databases]\n"
                               << parts.database << " = host=127.0.0.1 port=" << parts.port
                               << " user=waybill\n[pgbouncer]\n"
                               << "listen_addr = 127.0.0.1\nlisten_port = " << port << "\nunix_socket_dir =\n"
                               << "auth_type = any\npool_mode = " << mode << "\n"
                               << options << "\n";
  url_ = "postgresql://waybill@127.0.0.1:" + port + "/" + parts.database;
  // PgBouncer refuses to run as root.
  const auto* user = getuid() == 0 ? getpwnam("postgres") : nullptr;
  if (user != nullptr && chown(folder_.path().c_str(), user->pw_uid, user->pw_gid) != 0)
    throw std::runtime_error{"pgbouncer: cannot change the owner of the folder"};
  const auto log = folder_ / "log";
  const auto parent = getpid();
  process_ = fork();
  if (process_ == 0) {
    const bool lowered =
      user == nullptr || (setgroups(0, nullptr) == 0 && setgid(user->pw_gid) == 0 && setuid(user->pw_uid) == 0);
    const bool quiet = std::freopen(log.c_str(), "a", stdout) != nullptr && dup2(STDOUT_FILENO, STDERR_FILENO) >= 0;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (lowered && quiet && getppid() == parent)
      execl(program, program, configuration.c_str(), nullptr);
    _exit(127);
  }
  if (!eventually([&] { return PQping(url_.c_str()) == PQPING_OK; }))
    throw std::runtime_error{"pgbouncer does not serve"};
}

pooler::~pooler() {
  if (process_ <= 0)
    return;
  kill(process_, SIGKILL);
  waitpid(process_, nullptr, 0);
}

} // namespace waybill::test
