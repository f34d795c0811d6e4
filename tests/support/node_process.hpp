#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

/// Real processes for tests. None of this is thread-safe; start processes from the main thread only, because a child
/// is killed when the thread that started it ends.
namespace waybill::test {

/// A started program. It is killed when this object or this process ends, however that happens.
class child_process {
public:
  /// Runs `command` (its first word is the path of the program) with standard output and error going into the files, in
  /// the network namespace of that descriptor if it is one. Throws std::runtime_error when it cannot be started.
  child_process(const std::vector<std::string>& command, const std::string& out_file, const std::string& err_file,
                int network_namespace = -1);
  ~child_process();
  child_process(child_process&& other) noexcept;
  child_process& operator=(child_process&&) = delete;

  [[nodiscard]] pid_t pid() const noexcept { return pid_; }
  [[nodiscard]] bool is_running();

  /// Does nothing once the process has been waited for.
  void signal(int number) const;

  /// The exit code, or minus the number of the signal that ended it; nothing when it still runs after `limit`.
  std::optional<int> wait(std::chrono::milliseconds limit);

private:
  pid_t pid_ = -1;
  std::optional<int> code_;
};

/// The exit code and output of a command that ends by itself.
struct command_result {
  /// As child_process::wait; nothing when it had to be killed.
  std::optional<int> code;
  std::string out;
  std::string err;
};

/// The path of build/release/waybill, or of the same program in this build's preset.
std::string waybill_binary();

/// Runs `waybill <words>` and waits for its end.
command_result run_waybill(std::vector<std::string> words, std::chrono::milliseconds limit = std::chrono::seconds{120});

/// The address, the ports and the network namespace of a node. Zero means any free port.
struct node_place {
  std::string address = "127.0.0.1";
  std::uint16_t http_port = 0;
  std::uint16_t listen_port = 0;
  /// A descriptor; none: the namespace of this process.
  int network_namespace = -1;
  /// Empty: waybill_binary().
  std::string program = {};
};

/// `waybill node`, on free ports of the loopback interface unless told otherwise, its log in a file of `folder`.
class node_process {
public:
  /// `words` come after the ports and the log's settings. Returns once the process is started, not yet ready.
  node_process(const std::string& folder, std::string name, const std::vector<std::string>& words,
               const node_place& place = {});

  /// Waits until the node says that it serves, and its gateway, if it has one, that it is ready. Throws
  /// std::runtime_error with the log when it ends before, or is not ready within `limit`.
  void await_ready(std::chrono::milliseconds limit = std::chrono::seconds{60});

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] child_process& process() noexcept { return process_; }
  /// All that the node has written by now. Reads only what is new.
  [[nodiscard]] const std::string& log() const;

  /// Whether it says that it serves, and its gateway, if it has one, that it is ready.
  [[nodiscard]] bool is_ready() const;

  /// `http://127.0.0.1:<port>` and `127.0.0.1:<port>`; empty before the log says so.
  [[nodiscard]] std::string url() const;
  [[nodiscard]] std::string listen_address() const;

  /// SIGKILL, and waits for the end.
  void kill();
  /// SIGTERM or `number`, and waits: the exit code, nothing when it hangs longer than `limit`.
  std::optional<int> stop(int number = 15, std::chrono::milliseconds limit = std::chrono::seconds{60});

private:
  std::string name_;
  std::string log_file_;
  mutable std::string log_;
  bool has_gateway_;
  child_process process_;
};

} // namespace waybill::test
