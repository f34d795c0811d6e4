#include "nodes/options/config.hpp"
#include "tests/nodes/options/support/loading.hpp"
#include "tests/support/temp_folder.hpp"

#include <fstream>

#define CAF_SUITE nodes.config_file
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

SCENARIO("a configuration file that is a folder, unreadable or empty ends the start") {
  const temp_folder folder;
  const auto path = folder.path().string();
  CHECK(contains(refusal({"--config=" + path}), path + " is a folder"));
  CHECK(contains(refusal({}, {{"WAYBILL_CONFIG", path}}), path + " is a folder"));
  CHECK(contains(refusal({"--store-file=" + path}), path + " is a folder"));
  CHECK(contains(refusal({"--config=" + (folder / "absent")}), "cannot be read"));
  std::ofstream{folder / "empty"};
  CHECK(contains(refusal({"--config=" + (folder / "empty")}), "is empty"));
}

SCENARIO("a configuration file may consist of comments only, and a device such as /dev/null may be empty") {
  const temp_folder folder;
  std::ofstream{folder / "comments"} << "# readers = 3\n";
  CHECK_EQ(refusal({"--config=" + (folder / "comments")}), "");
  CHECK_EQ(refusal({"--config=/dev/null"}), "");
}
