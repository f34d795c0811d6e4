#include "nodes/process/log.hpp"

#include "domain/base/time.hpp"
#include "domain/json/json_writer.hpp"
#include "domain/text/unicode.hpp"

#include <spdlog/formatter.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <unistd.h>

namespace waybill {

namespace {

std::string_view level_name(spdlog::level::level_enum level) {
  const auto name = spdlog::level::to_string_view(level);
  return {name.data(), name.size()};
}

class json_formatter final : public spdlog::formatter {
public:
  explicit json_formatter(std::string node) : node_(std::move(node)) {}

  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
    auto line =
      to_json_line(message.time, level_name(message.level), node_, {message.payload.data(), message.payload.size()});
    line += '\n';
    out.append(line.data(), line.data() + line.size());
  }

  [[nodiscard]] std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<json_formatter>(node_);
  }

private:
  std::string node_;
};

class text_formatter final : public spdlog::formatter {
public:
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
    const auto safe = to_text({message.payload.data(), message.payload.size()});
    auto copy = message;
    copy.payload = safe;
    pattern_.format(copy, out);
    // The sink colours this range.
    message.color_range_start = copy.color_range_start;
    message.color_range_end = copy.color_range_end;
  }

  [[nodiscard]] std::unique_ptr<spdlog::formatter> clone() const override { return std::make_unique<text_formatter>(); }

private:
  spdlog::pattern_formatter pattern_{"%H:%M:%S.%e %^%-7l%$ %v"};
};

spdlog::level::level_enum to_spdlog(log_level level) {
  switch (level) {
    case log_level::trace: return spdlog::level::trace;
    case log_level::debug: return spdlog::level::debug;
    case log_level::info: return spdlog::level::info;
    case log_level::warning: return spdlog::level::warn;
    case log_level::error: return spdlog::level::err;
    case log_level::off: return spdlog::level::off;
  }
  return spdlog::level::info;
}

} // namespace

void set_up_log(const log_settings& settings) {
  auto sink = std::make_shared<spdlog::sinks::stderr_color_sink_mt>();
  const bool json =
    settings.format == log_format::json || (settings.format == log_format::automatic && ::isatty(STDERR_FILENO) == 0);
  if (json)
    sink->set_formatter(std::make_unique<json_formatter>(settings.node));
  else
    sink->set_formatter(std::make_unique<text_formatter>());
  auto logger = std::make_shared<spdlog::logger>("waybill", std::move(sink));
  logger->set_level(spdlog::level::trace);
  logger->flush_on(spdlog::level::trace);
  spdlog::set_default_logger(std::move(logger));
  set_log_level(settings.level);
  set_log_sink([](log_level level, std::string_view message) {
    spdlog::default_logger_raw()->log(to_spdlog(level), spdlog::string_view_t{message.data(), message.size()});
  });
}

std::string to_json_line(std::chrono::system_clock::time_point time, std::string_view level, std::string_view node,
                         std::string_view message) {
  std::string out = R"({"time":")";
  out += to_rfc3339(std::chrono::time_point_cast<std::chrono::microseconds>(time));
  out += R"(","level":)";
  append_json_string(out, level);
  if (!node.empty()) {
    out += R"(,"node":)";
    append_json_string(out, node);
  }
  out += R"(,"message":)";
  append_json_string(out, message);
  out += '}';
  return escape_control_characters(out);
}

std::string to_text(std::string_view message) {
  std::string out;
  out.reserve(message.size());
  for (const char c : message) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F)
      out += fmt::format("\\x{:02x}", static_cast<unsigned>(byte));
    else
      out += c;
  }
  return escape_control_characters(out);
}

std::optional<std::string> failure_log::report(const std::string& key, clock::time_point now) {
  auto [known, is_new] = entries_.try_emplace(key, entry{now, 0});
  if (is_new)
    return std::string{};
  if (now - known->second.said < period_) {
    ++known->second.unsaid;
    return std::nullopt;
  }
  auto again = " (" + std::to_string(known->second.unsaid) + " more times since it was last said)";
  known->second = {now, 0};
  return again;
}

bool failure_log::forget(const std::string& key) {
  return entries_.erase(key) != 0;
}

} // namespace waybill
