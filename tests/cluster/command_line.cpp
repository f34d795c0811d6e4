#include "tests/support/http_shop.hpp"
#include "tests/support/node_process.hpp"
#include "tests/support/temp_folder.hpp"

#include <algorithm>

#define CAF_SUITE cluster.command_line
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

using words = std::vector<std::string>;

void check_prints(const words& command, const std::string& part) {
  const auto done = run_waybill(command);
  CAF_CHECK_EQUAL(done.code, std::optional<int>{0});
  CAF_CHECK_EQUAL(done.err, "");
  if (done.out.find(part) == std::string::npos)
    CAF_ERROR(command.front() << " does not print " << part << " but " << done.out);
}

void check_complains(const words& command, int code, const std::string& part) {
  const auto done = run_waybill(command);
  CAF_CHECK_EQUAL(done.code, std::optional<int>{code});
  CAF_CHECK_EQUAL(done.out, "");
  if (done.err.find(part) == std::string::npos)
    CAF_ERROR(command.front() << " does not say " << part << " but " << done.err);
}

} // namespace

SCENARIO("the version and the help are where people look for them") {
  check_prints({"--version"}, "waybill ");
  check_prints({"-V"}, "waybill ");
  check_prints({"--help"}, "waybill node");
  for (const auto* command : {"node", "scenario", "bench", "psp", "shell", "config", "health"}) {
    check_prints({command, "--help"}, command);
    check_prints({"help", command}, command);
  }
  check_prints({"bench", "orders", "--help"}, "--ops");
  check_prints({"scenario", "run", "--help"}, "--ca");
  check_prints({"node", "--role=order", "--help"}, "--help=http");
  check_prints({"node", "--help=http"}, "--http-tls-key=");
  check_prints({"node", "--help=all"}, "--courier-vanish-percent=");
}

SCENARIO("a typing error is answered with the word that was probably meant") {
  check_complains({"nodee"}, 2, "did you mean node?");
  check_complains({"node", "--rol=order"}, 2, "did you mean --role?");
  check_complains({"node", "--help=htpp"}, 2, "did you mean http?");
  check_complains({"bench", "order"}, 2, "did you mean orders?");
  check_complains({"bench", "orders", "--durations=3s"}, 2, "did you mean --duration?");
  check_complains({"scenario", "lst"}, 2, "did you mean list?");
  check_complains({"scenario", "run", "1", "--tokn=x"}, 2, "did you mean --token?");
  check_complains({"shell", "--conect=127.0.0.1:1"}, 2, "did you mean --connect?");
  check_complains({"config", "chek"}, 2, "did you mean check?");
  check_complains({"restore", "--form=x"}, 2, "did you mean --from?");
  check_complains({"backup", "--too=x"}, 2, "did you mean --to?");
  check_complains({"backup", "--to=x", "--verfy=integrity"}, 2, "did you mean --verify?");
  check_complains({"psp", "--lisen=127.0.0.1:0"}, 2, "did you mean --listen?");
  // The beginning of a name is no name anywhere.
  check_complains({"scenario", "list", "--tok=x"}, 2, "there is no option --tok; did you mean --token?");
  check_complains({"bench", "orders", "--dur=3s"}, 2, "there is no option --dur; did you mean --duration?");
  check_complains({"psp", "--call=x"}, 2, "there is no option --call; did you mean --callback-url?");
}

SCENARIO("E3: an invalid address is explained by every command that takes one") {
  for (const auto* address : {"127.0.0.1:abc", "127.0.0.1:", "127.0.0.1:99999999999999999999", "127.0.0.1", ":42x"})
    check_complains({"psp", std::string{"--listen="} + address}, 2,
                    "--listen must be an address and a port, such as 127.0.0.1:4200");
  check_complains({"psp", "--listen=:4200"}, 2, "127.0.0.1:4200 for this machine only");
  check_complains({"shell", "--connect=:4100"}, 2,
                  "--connect must be an address and a port: 127.0.0.1:4100 for this machine");
  check_complains({"bench", "flash-sale", "--connect=:4100"}, 2, "127.0.0.1:4100 for this machine");
  check_complains({"bench", "orders", "--ops=:4090"}, 2,
                  "--ops must be an address and a port: 127.0.0.1:4090 for this machine");
}

SCENARIO("options may stand before the workload") {
  check_complains({"bench", "--duration=oops", "orders"}, 2, "'oops' is not a duration");
}

SCENARIO("an occupied port is reported in words") {
  const temp_folder folder;
  node_process node{folder.path().string(), "first", {"--store=sqlite:" + (folder / "a.db")}};
  node.await_ready();
  const auto refused = run_waybill(
    {"node", "--store=sqlite:" + (folder / "b.db"), "--http=127.0.0.1:0", "--listen=" + node.listen_address()});
  CHECK_EQ(refused.code, std::optional<int>{1});
  CHECK(refused.err.find("cannot listen on " + node.listen_address() + ": the port is taken") != std::string::npos);
  CHECK(refused.err.find("caf::") == std::string::npos);
  CHECK(refused.err.find("sec::") == std::string::npos);
  check_complains({"psp", "--listen=" + node.listen_address()}, 1,
                  "cannot listen on " + node.listen_address() + ": the port is taken");
}

SCENARIO("scenarios at a node that demands a token are refused once, before the first one") {
  const temp_folder folder;
  node_process node{folder.path().string(), "guarded", {"--store=sqlite:" + (folder / "a.db"), "--auth=required"}};
  node.await_ready();
  check_complains({"scenario", "run", "all", "--url=" + node.url()}, 2, "demands a token");
  check_complains({"scenario", "run", "1", "--url=" + node.url(), "--token=wrong"}, 2, "does not take the token");
}

SCENARIO("a benchmark works with a node whose metrics are on its listener for operators") {
  const temp_folder folder;
  node_process node{folder.path().string(), "watched", {"--store=sqlite:" + (folder / "a.db"), "--ops=127.0.0.1:0"}};
  node.await_ready();
  words load{"bench", "orders", "--url=" + node.url(), "--duration=1s", "--warmup=0s", "--concurrency=2"};
  check_complains(load, 1, "say so with --ops=");
}
