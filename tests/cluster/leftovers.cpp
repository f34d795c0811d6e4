#include "tests/support/eventually.hpp"
#include "tests/support/http_shop.hpp"
#include "tests/support/node_process.hpp"
#include "tests/support/temp_folder.hpp"

#include <filesystem>
#include <fstream>
#include <set>

#define CAF_SUITE cluster.leftovers
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

std::set<std::string> names_in(const std::filesystem::path& folder) {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator{folder})
    names.insert(entry.path().filename().string());
  return names;
}

/// Processes that have `pid` as their parent.
std::size_t count_children(pid_t pid) {
  std::size_t children = 0;
  for (const auto& task : std::filesystem::directory_iterator{"/proc/" + std::to_string(pid) + "/task"}) {
    std::ifstream file{task.path() / "children"};
    for (std::string child; file >> child;)
      ++children;
  }
  return children;
}

} // namespace

SCENARIO("a node that ended leaves its two databases with their lock files and nothing else, and starts no process "
         "while it runs") {
  const temp_folder folder;
  std::filesystem::create_directory(folder / "data");
  auto settings = quick_settings();
  settings.push_back("--store=sqlite:" + (folder / "data/shop.db"));
  node_process node{folder.path().string(), "single", settings};
  node.await_ready();
  auto wishes = mixed_wishes(50, stock_products(node.url()));
  rush{node.url(), wishes, std::chrono::seconds{60}}.wait();
  CHECK_EQ(lines_of(await_final(node.url(), wishes)), "");
  CHECK_EQ(count_children(node.process().pid()), 0u);
  CHECK_EQ(node.stop(), std::optional<int>{0});
  CHECK_EQ(names_in(folder / "data"),
           (std::set<std::string>{"shop.db", "shop.db.lock", "shop.db.provider", "shop.db.provider.lock"}));
  CHECK_EQ(names_in(folder.path()), (std::set<std::string>{"data", "single.log"}));
}
