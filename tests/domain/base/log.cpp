#include "domain/base/log.hpp"

#include "domain/base/ids.hpp"

#include <limits>
#include <vector>

#define CAF_SUITE domain.log
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;

namespace {

std::vector<std::string> seen_lines;

/// Collects the lines that are logged while it lives.
struct collected_lines {
  collected_lines() {
    seen_lines.clear();
    set_log_sink([](log_level level, std::string_view message) {
      seen_lines.push_back(std::to_string(static_cast<int>(level)) + " " + std::string{message});
    });
  }

  ~collected_lines() {
    set_log_sink([](log_level, std::string_view) {});
    set_log_level(log_level::info);
  }
};

} // namespace

SCENARIO("a log line holds texts, numbers, truth values and ids in the order of its fields") {
  const std::string reason = "out of stock";
  CHECK_EQ(format_log_line("order {} rejected: {}", {order_id{"ord_1"}, reason}), "order ord_1 rejected: out of stock");
  CHECK_EQ(format_log_line("{} {} {}", {std::uint8_t{7}, -1, std::numeric_limits<std::int64_t>::min()}),
           "7 -1 -9223372036854775808");
  CHECK_EQ(format_log_line("{}{}", {true, std::numeric_limits<std::uint64_t>::max()}), "true18446744073709551615");
}

SCENARIO("a placeholder without an argument stays as it is, whatever its form") {
  CHECK_EQ(format_log_line("a {} b {}", {1}), "a 1 b {}");
  CHECK_EQ(format_log_line("{:x} {0} {", {1}), "{:x} {0} {");
  CHECK_EQ(format_log_line("no field", {1}), "no field");
  CHECK_EQ(format_log_line("{{{}}}", {1}), "{1}");
}

SCENARIO("braces in an argument are no placeholders") {
  CHECK_EQ(format_log_line("{} {}", {"{}", "{}"}), "{} {}");
}

SCENARIO("only lines of the level that is set, or above it, are written") {
  collected_lines lines;
  log_debug("hidden {}", 1);
  log_info("shown {}", 2);
  set_log_level(log_level::debug);
  log_debug("shown {}", 3);
  set_log_level(log_level::error);
  log_warning("hidden");
  log_error("shown");
  set_log_level(log_level::off);
  log_error("hidden");
  CHECK_EQ(seen_lines, (std::vector<std::string>{"2 shown 2", "1 shown 3", "4 shown"}));
  CHECK(!is_logged(log_level::error));
}
