#include "tests/support/node_process.hpp"

#include "outbound/blocking_request.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/temp_folder.hpp"

#include <algorithm>
#include <csignal>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <utility>

#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace waybill::test {

namespace {

std::string read_text(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

/// The address after the last `before` in `text`.
std::string address_after(const std::string& text, std::string_view before) {
  const auto at = text.rfind(before);
  if (at == std::string::npos)
    return {};
  const auto begin = at + before.size();
  return text.substr(begin, text.find_first_of("\"\n", begin) - begin);
}

/// Whether GET /readyz answers with 200.
bool answers_ready(const std::string& url) {
  auto target = outbound::parse_http_url(url + "/readyz");
  if (!target)
    return false;
  outbound::http_request request;
  request.url = std::move(*target);
  request.timeout = std::chrono::seconds{5};
  const auto answer = outbound::send_and_wait(std::move(request));
  return answer && answer->status == 200;
}

bool serves_http(const std::vector<std::string>& words) {
  return std::ranges::none_of(words, [](const std::string& word) {
    return word.starts_with("--role=") && word.find("all") == std::string::npos
           && word.find("gateway") == std::string::npos;
  });
}

std::vector<std::string> node_command(const std::string& name, const std::vector<std::string>& words,
                                      const node_place& place) {
  std::vector<std::string> command{place.program.empty() ? waybill_binary() : place.program,
                                   "node",
                                   "--name=" + name,
                                   "--http=" + place.address + ":" + std::to_string(place.http_port),
                                   "--listen=" + place.address + ":" + std::to_string(place.listen_port),
                                   "--log-format=json"};
  command.insert(command.end(), words.begin(), words.end());
  return command;
}

/// Variables that configure a node would change what a test means.
std::vector<std::string> clean_environment() {
  std::vector<std::string> kept;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry)
    if (!std::string_view{*entry}.starts_with("WAYBILL_"))
      kept.emplace_back(*entry);
  return kept;
}

std::vector<char*> pointers_to(const std::vector<std::string>& words) {
  std::vector<char*> raw;
  for (const auto& word : words)
    raw.push_back(const_cast<char*>(word.c_str()));
  raw.push_back(nullptr);
  return raw;
}

} // namespace

// -- a process --------------------------------------------------------------------------------------------------------

child_process::child_process(const std::vector<std::string>& command, const std::string& out_file,
                             const std::string& err_file, int network_namespace) {
  const auto arguments = pointers_to(command);
  const auto variables = clean_environment();
  const auto environment = pointers_to(variables);
  const auto parent = ::getpid();
  pid_ = ::fork();
  if (pid_ < 0)
    throw std::runtime_error("cannot fork");
  if (pid_ > 0)
    return;
  // Only calls that are safe between fork and exec of a process with threads.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int in = ::open("/dev/null", O_RDONLY);
  const int out = ::open(out_file.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  const int err = ::open(err_file.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  const bool placed = network_namespace < 0 || ::setns(network_namespace, CLONE_NEWNET) == 0;
  if (::getppid() == parent && placed && ::dup2(in, 0) == 0 && ::dup2(out, 1) == 1 && ::dup2(err, 2) == 2)
    ::execve(arguments[0], arguments.data(), environment.data());
  ::_exit(127);
}

child_process::child_process(child_process&& other) noexcept
  : pid_{std::exchange(other.pid_, -1)}, code_{other.code_} {}

child_process::~child_process() {
  if (pid_ <= 0 || code_)
    return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

bool child_process::is_running() {
  return !wait(std::chrono::milliseconds{0});
}

void child_process::signal(int number) const {
  if (pid_ > 0 && !code_)
    ::kill(pid_, number);
}

std::optional<int> child_process::wait(std::chrono::milliseconds limit) {
  eventually(
    [this] {
      int status = 0;
      if (!code_ && ::waitpid(pid_, &status, WNOHANG) == pid_)
        code_ = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
      return code_.has_value();
    },
    limit);
  return code_;
}

// -- the program ------------------------------------------------------------------------------------------------------

std::string waybill_binary() {
  return WAYBILL_TEST_BINARY;
}

command_result run_waybill(std::vector<std::string> words, std::chrono::milliseconds limit) {
  const temp_folder folder;
  words.insert(words.begin(), waybill_binary());
  child_process process{words, folder / "out", folder / "err"};
  const auto code = process.wait(limit);
  return {code, read_text(folder / "out"), read_text(folder / "err")};
}

node_process::node_process(const std::string& folder, std::string name, const std::vector<std::string>& words,
                           const node_place& place)
  : name_{std::move(name)}, log_file_{folder + "/" + name_ + ".log"},
    has_gateway_{serves_http(words)}, process_{(::unlink(log_file_.c_str()), node_command(name_, words, place)),
                                               log_file_, log_file_, place.network_namespace} {}

bool node_process::is_ready() const {
  if (log().find(" serves as ") == std::string::npos)
    return false;
  const auto gateway = url();
  return !has_gateway_ || (!gateway.empty() && answers_ready(gateway));
}

void node_process::await_ready(std::chrono::milliseconds limit) {
  const bool ready = eventually([this] { return !process_.is_running() || is_ready(); }, limit);
  if (!ready || !process_.is_running())
    throw std::runtime_error("node " + name_ + (ready ? " ended at once:\n" : " is not ready:\n") + log());
}

const std::string& node_process::log() const {
  std::ifstream file{log_file_, std::ios::binary};
  file.seekg(static_cast<std::streamoff>(log_.size()));
  log_.append(std::istreambuf_iterator<char>{file}, {});
  return log_;
}

std::string node_process::url() const {
  const auto address = address_after(log(), "answers HTTP on http://");
  return address.empty() ? address : "http://" + address;
}

std::string node_process::listen_address() const {
  return address_after(log(), "for nodes and shells on ");
}

void node_process::kill() {
  process_.signal(SIGKILL);
  process_.wait(std::chrono::seconds{60});
}

std::optional<int> node_process::stop(int number, std::chrono::milliseconds limit) {
  process_.signal(number);
  return process_.wait(limit);
}

} // namespace waybill::test
