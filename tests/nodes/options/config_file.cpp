#include "nodes/options/config.hpp"
#include "tests/support/temp_folder.hpp"

#include <fstream>

#define CAF_SUITE nodes.config_file
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;

namespace {

/// The line that ends the start; empty when the configuration was taken.
std::string refusal(std::vector<std::string> arguments, std::map<std::string, std::string> environment = {}) {
  const auto outcome = load_config({std::move(arguments), std::move(environment)});
  return outcome.has_error() ? outcome.error().detail : std::string{};
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace

SCENARIO("a configuration file that is a folder, unreadable or empty ends the start") {
  const test::temp_folder folder;
  const auto path = folder.path().string();
  CHECK(contains(refusal({"--config=" + path}), path + " is a folder"));
  CHECK(contains(refusal({}, {{"WAYBILL_CONFIG", path}}), path + " is a folder"));
  CHECK(contains(refusal({"--store-file=" + path}), path + " is a folder"));
  CHECK(contains(refusal({"--config=" + (folder / "absent")}), "cannot be read"));
  std::ofstream{folder / "empty"};
  CHECK(contains(refusal({"--config=" + (folder / "empty")}), "is empty"));
}

SCENARIO("a configuration file may consist of comments only, and a device such as /dev/null may be empty") {
  const test::temp_folder folder;
  std::ofstream{folder / "comments"} << "# readers = 3\n";
  CHECK_EQ(refusal({"--config=" + (folder / "comments")}), "");
  CHECK_EQ(refusal({"--config=/dev/null"}), "");
}
