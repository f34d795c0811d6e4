#include "gateway/metrics/prometheus.hpp"

#include "messages/type_ids.hpp"

#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <string_view>
#include <sys/resource.h>
#include <unistd.h>
#include <vector>

namespace waybill::http {

namespace {

void add_metric(std::string& out, std::string_view name, std::string_view type, std::string_view help, double value,
                std::string_view labels = {}) {
  char number[32];
  const auto end = std::to_chars(std::begin(number), std::end(number), value, std::chars_format::general).ptr;
  out.append("# HELP ").append(name).append(" ").append(help).append("\n# TYPE ").append(name).append(" ");
  out.append(type).append("\n").append(name).append(labels).append(" ");
  out.append(std::begin(number), end).append("\n");
}

/// The fields behind the name in /proc/self/stat, from the state on (proc(5): field 3).
std::vector<std::string> stat_fields() {
  std::ifstream file{"/proc/self/stat"};
  std::string text;
  std::getline(file, text);
  const auto close = text.rfind(')');
  if (close == std::string::npos)
    return {};
  std::istringstream rest{text.substr(close + 1)};
  return {std::istream_iterator<std::string>{rest}, {}};
}

double number_of(const std::vector<std::string>& fields, std::size_t field) {
  constexpr std::size_t first = 3;
  double value = 0;
  if (field - first < fields.size()) {
    const auto& text = fields[field - first];
    std::from_chars(text.data(), text.data() + text.size(), value);
  }
  return value;
}

/// When the system started, in Unix time.
double boot_time() {
  std::ifstream file{"/proc/stat"};
  for (std::string word; file >> word;)
    if (word == "btime") {
      double seconds = 0;
      file >> seconds;
      return seconds;
    }
  return 0;
}

std::size_t open_files() {
  std::error_code unknown;
  const std::filesystem::directory_iterator all{"/proc/self/fd", unknown};
  // Without the one that reads the folder.
  const auto count = unknown ? 0 : std::distance(begin(all), end(all));
  return count > 0 ? static_cast<std::size_t>(count - 1) : 0;
}

} // namespace

std::string process_metrics_text() {
  const auto fields = stat_fields();
  const auto tick = static_cast<double>(::sysconf(_SC_CLK_TCK));
  const auto page = static_cast<double>(::sysconf(_SC_PAGESIZE));
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  std::string out;
  add_metric(out, "process_cpu_seconds_total", "counter", "Time on a processor, of all threads, in seconds.",
             (number_of(fields, 14) + number_of(fields, 15)) / tick);
  add_metric(out, "process_start_time_seconds", "gauge", "When the process started, in Unix time.",
             boot_time() + number_of(fields, 22) / tick);
  add_metric(out, "process_threads", "gauge", "Threads.", number_of(fields, 20));
  add_metric(out, "process_virtual_memory_bytes", "gauge", "Address space.", number_of(fields, 23));
  add_metric(out, "process_resident_memory_bytes", "gauge", "Memory that it has.", number_of(fields, 24) * page);
  add_metric(out, "process_open_fds", "gauge", "Open file descriptors.", static_cast<double>(open_files()));
  add_metric(out, "process_max_fds", "gauge", "File descriptors that it may open.",
             static_cast<double>(files.rlim_cur));
  add_metric(out, "waybill_build_info", "gauge", "1; its labels say which program runs.", 1,
             "{version=\"" WAYBILL_VERSION "\",protocol=\"" + std::to_string(protocol_version) + "\"}");
  return out;
}

} // namespace waybill::http
