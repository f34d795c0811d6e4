#include "nodes/options/option_kinds.hpp"

#include "domain/base/errors.hpp"

namespace waybill {

namespace {

using namespace option_kinds;

constexpr std::string_view never = "off";

option retention_option() {
  return {"event-retention", "events older than this are removed from the log: a duration such as 90d, or off", false,
          [](node_config& config, std::string_view text) -> std::string {
            const auto value = text == never ? milliseconds{0} : parse_duration(text).value_or(milliseconds{0});
            if (text != never && value < std::chrono::seconds{1})
              return "off, or a duration such as 90d or 12h, at least 1s";
            config.retention.keep = value;
            return {};
          },
          [](const node_config& config) {
            return config.retention.enabled() ? duration_text(config.retention.keep) : std::string{never};
          }};
}

option archive_option() {
  return {"event-archive", "a folder that old events are written to before they are removed; empty: they are not kept",
          false,
          [](node_config& config, std::string_view text) -> std::string {
            config.retention.archive = text;
            return {};
          },
          [](const node_config& config) { return config.retention.archive; }};
}

} // namespace

std::vector<option> retention_options() {
  return {retention_option(), archive_option()};
}

result<void> validate_retention(const node_config& config) {
  if (!config.retention.archive.empty() && !config.retention.enabled())
    return failure{ec::invalid_argument, "event-archive: nothing goes there without event-retention"};
  return {};
}

} // namespace waybill
