#include "tests/support/as_user.hpp"
#include "tests/support/node_process.hpp"
#include "tests/support/role_cluster.hpp"
#include "tests/support/second_user.hpp"
#include "tests/support/temp_folder.hpp"
#include "tests/support/tls_stranger.hpp"
#include "transport/sessions/preface.hpp"

#include <optional>

#define CAF_SUITE cluster.local_users
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

using words = std::vector<std::string>;

words shell(const std::string& address, const std::string& command) {
  return {"shell", "--connect=" + address, "-c", command};
}

words with_store(const std::string& file) {
  auto options = quick_settings();
  options.push_back("--store=sqlite:" + file);
  return options;
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

} // namespace

SCENARIO("another user of the machine cannot drain or query a node over a plain loopback port") {
  if (!can_be_two_users())
    return;
  const second_user other;
  node_process node{other.folder.path().string(), "private", with_store(other.folder / "private.db")};
  node.await_ready();
  const auto address = node.listen_address();
  for (const auto* command : {"nodes", "drain private --force"}) {
    const auto refused = other.run(shell(address, command));
    CHECK_EQ(refused.code, std::optional<int>{8});
    CHECK_EQ(refused.out, "");
    CHECK(contains(refused.err, "it runs as user 0, this process as user 65534"));
  }
  // A peer that sends its messages at once, without waiting for an answer.
  std::optional<plain_stranger> rude;
  {
    const as_user stranger{nobody};
    rude.emplace(address);
  }
  rude->say(std::string(48, '\0'));
  const auto refusal = to_bytes({preface::kind::refuses_user, 0});
  CHECK_EQ(rude->everything(), std::string(refusal.data(), refusal.size()));
  CHECK(contains(node.log(), "it runs as user 65534, this process as user 0"));
  const auto own = run_waybill(shell(address, "nodes"));
  CHECK_EQ(own.code, std::optional<int>{0});
  CHECK(contains(own.out, "private"));
  CHECK_EQ(run_waybill(shell(address, "drain private --force")).code, std::optional<int>{0});
  CHECK_EQ(node.process().wait(std::chrono::seconds{60}), std::optional<int>{0});
}

SCENARIO("a node serves the shells of its own user and of root without any configuration") {
  if (!can_be_two_users())
    return;
  const second_user other;
  node_process node{
    other.folder.path().string(), "theirs", with_store(other.folder / "own/theirs.db"), {.program = other.program()}};
  node.await_ready();
  const auto own = other.run(shell(node.listen_address(), "nodes"));
  CHECK_EQ(own.code, std::optional<int>{0});
  CHECK(contains(own.out, "theirs"));
  CHECK_EQ(run_waybill(shell(node.listen_address(), "nodes")).code, std::optional<int>{0});
  CHECK_EQ(contains(node.log(), "do not trust each other"), false);
  CHECK_EQ(node.stop(), std::optional<int>{0});
}
