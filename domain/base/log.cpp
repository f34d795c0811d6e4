#include "domain/base/log.hpp"

#include <charconv>
#include <cstdio>

namespace waybill {

namespace {

void write_to_standard_error(log_level, std::string_view message) {
  std::fprintf(stderr, "%.*s\n", static_cast<int>(message.size()), message.data());
}

std::atomic<log_sink> current_sink{write_to_standard_error};

} // namespace

std::atomic<log_level> detail::lowest_log_level{log_level::info};

void log_argument::append_to(std::string& out) const {
  if (kind_ == kind::text) {
    out += text_;
    return;
  }
  if (kind_ == kind::negative)
    out += '-';
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, number_).ptr;
  out.append(digits, end);
}

std::string format_log_line(std::string_view format, std::initializer_list<log_argument> arguments) {
  std::string out;
  out.reserve(format.size() + 32 * arguments.size());
  auto next = arguments.begin();
  for (std::size_t i = 0; i < format.size(); ++i) {
    const auto pair = format.substr(i, 2);
    if (pair == "{}" && next != arguments.end()) {
      next->append_to(out);
      ++next;
      ++i;
    } else {
      out += format[i];
      if (pair == "{{" || pair == "}}")
        ++i;
    }
  }
  return out;
}

void set_log_sink(log_sink sink) noexcept {
  current_sink = sink;
}

void set_log_level(log_level lowest) noexcept {
  detail::lowest_log_level.store(lowest, std::memory_order_relaxed);
}

void detail::write_log_line(log_level level, std::string_view format,
                            std::initializer_list<log_argument> arguments) noexcept {
  try {
    current_sink.load()(level, format_log_line(format, arguments));
  } catch (...) { // NOLINT(bugprone-empty-catch)
  }
}

} // namespace waybill
