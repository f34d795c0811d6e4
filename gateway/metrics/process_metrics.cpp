#include "gateway/metrics/metric_writer.hpp"

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

struct metric {
  std::string_view name;
  std::string_view type;
  std::string_view unit;
  std::string_view help;
};

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

void append_process_metrics(std::string& out, exposition format) {
  const auto add = [&](const metric& about, double value, std::string_view labels = {}) {
    append_family(out, format, about.name, about.type, about.unit, about.help);
    out.append(about.name).append(labels).append(" ");
    append_number(out, value);
    out += '\n';
  };
  const auto fields = stat_fields();
  const auto tick = static_cast<double>(::sysconf(_SC_CLK_TCK));
  const auto page = static_cast<double>(::sysconf(_SC_PAGESIZE));
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  add({"process_cpu_seconds_total", "counter", "seconds", "Time on a processor, of all threads, in seconds."},
      (number_of(fields, 14) + number_of(fields, 15)) / tick);
  add({"process_start_time_seconds", "gauge", "seconds", "When the process started, in Unix time."},
      boot_time() + number_of(fields, 22) / tick);
  add({"process_threads", "gauge", "", "Threads."}, number_of(fields, 20));
  add({"process_virtual_memory_bytes", "gauge", "bytes", "Address space."}, number_of(fields, 23));
  add({"process_resident_memory_bytes", "gauge", "bytes", "Memory that it has."}, number_of(fields, 24) * page);
  add({"process_open_fds", "gauge", "", "Open file descriptors."}, static_cast<double>(open_files()));
  add({"process_max_fds", "gauge", "", "File descriptors that it may open."}, static_cast<double>(files.rlim_cur));
  add({"waybill_build_info", "gauge", "", "1; its labels say which program runs."}, 1,
      "{version=\"" WAYBILL_VERSION "\",protocol=\"" + std::to_string(protocol_version) + "\"}");
}

} // namespace waybill::http
