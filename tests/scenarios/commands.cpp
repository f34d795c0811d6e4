#include "bench/bench.hpp"
#include "bench/command_line.hpp"
#include "scenarios/scenarios.hpp"

#include "tests/support/command_output.hpp"
#include "tests/support/scripted_server.hpp"

#define CAF_SUITE scenarios.commands
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using waybill::testing::run;
using waybill::testing::scripted_answer;
using waybill::testing::scripted_request;
using waybill::testing::scripted_server;

namespace {

int bench_main(std::vector<std::string> args) {
  return bench::bench_main(std::move(args), nullptr);
}

std::string dead_url() {
  scripted_server server{[](const scripted_request&) -> scripted_answer { return {}; }};
  return server.url();
}

} // namespace

SCENARIO("the scenarios are listed") {
  const auto got = run(scenarios::scenario_main, {"list", "-o", "json"});
  CHECK_EQ(got.code, 0);
  CHECK_NE(got.out.find(R"({"scenario":7,"name":"no courier completes")"), std::string::npos);
}

SCENARIO("an invalid scenario command is a usage error") {
  for (const std::vector<std::string>& args :
       std::vector<std::vector<std::string>>{{},
                                             {"dance"},
                                             {"run"},
                                             {"run", "1x"},
                                             {"run", "1", "2"},
                                             {"list", "-o", "xml"},
                                             {"list", "--nonsense"},
                                             {"run", "1", "--url=ftp://localhost"}}) {
    const auto got = run(scenarios::scenario_main, args);
    CHECK_EQ(got.code, 2);
    CHECK_NE(got.err.find("usage:"), std::string::npos);
  }
}

SCENARIO("a scenario that does not exist has an exit code of its own") {
  CHECK_EQ(run(scenarios::scenario_main, {"run", "99"}).code, 3);
}

SCENARIO("an unreachable server has an exit code of its own") {
  const auto url = dead_url();
  CHECK_EQ(run(scenarios::scenario_main, {"run", "all", "--url=" + url}).code, 8);
  CHECK_EQ(run(bench_main, {"orders", "--url=" + url, "--duration=1ms"}).code, 8);
}

SCENARIO("D2: a server's answer cannot control the terminal") {
  scripted_server server{[](const scripted_request&) -> scripted_answer {
    return {500, "{\"code\":\"internal\",\"detail\":\"\xc2\x9b"
                 "31m\xe2\x80\xae and \\u001b[0m\"}"};
  }};
  for (const std::string format : {"table", "json"}) {
    const auto got = run(scenarios::scenario_main, {"run", "2", "--url=" + server.url(), "-o", format});
    const auto all = got.out + got.err;
    CHECK_NE(all.find("\\u009b31m\\u202e and \\u001b[0m"), std::string::npos);
    for (const char* raw : {"\xc2\x9b", "\xe2\x80\xae", "\x1b"})
      CHECK_EQ(all.find(raw), std::string::npos);
  }
}

SCENARIO("a scenario that fails ends with 1 and says so in JSON") {
  scripted_server server{[](const scripted_request&) -> scripted_answer { return {500, "{}"}; }};
  const auto got = run(scenarios::scenario_main, {"run", "2", "--url=" + server.url(), "-o", "json"});
  CHECK_EQ(got.code, 1);
  CHECK_NE(got.out.find(R"("verdict":"fail")"), std::string::npos);
}

SCENARIO("a scenario that the server cannot play fails with the reason, and is skipped among all") {
  int played = 0;
  scripted_server server{[&](const scripted_request& request) -> scripted_answer {
    if (request.target == "/v1/scenarios")
      return {200, R"({"items":[{"scenario":8,"obstacle":"start it with --chaos=on"},{"scenario":11,"obstacle":"no"},)"
                   R"({"scenario":12,"obstacle":"no"}]})"};
    // Asked before anything is played: whether the token is good.
    if (request.target == "/v1/me")
      return {200, "{}"};
    ++played;
    return {500, "{}"};
  }};
  const auto alone = run(scenarios::scenario_main, {"run", "8", "--url=" + server.url()});
  CHECK_EQ(alone.code, 1);
  CHECK_EQ(alone.err, "waybill scenario: scenario 8 was not run: start it with --chaos=on\n");
  CHECK_EQ(played, 0);
  const auto all = run(scenarios::scenario_main, {"run", "all", "--url=" + server.url()});
  CHECK_NE(all.out.find("killed in the middle of the saga: skipped: start it with --chaos=on"), std::string::npos);
  CHECK_NE(all.out.find("0 of 9 scenarios passed, 3 were skipped"), std::string::npos);
  const auto list = run(scenarios::scenario_main, {"run", "all", "--url=" + server.url(), "-o", "json"});
  CHECK_NE(list.out.find(R"("verdict":"skipped","reason":"start it with --chaos=on")"), std::string::npos);
}

SCENARIO("an invalid bench command is a usage error") {
  for (const std::vector<std::string>& args : std::vector<std::vector<std::string>>{{},
                                                                                    {"dance"},
                                                                                    {"orders", "--concurrency=0"},
                                                                                    {"orders", "--concurrency=x"},
                                                                                    {"orders", "--duration=10"},
                                                                                    {"orders", "--duration=0s"},
                                                                                    {"orders", "--wait=later"},
                                                                                    {"orders", "--url=ftp://a"},
                                                                                    {"orders", "more"},
                                                                                    {"flash-sale", "--units=0"},
                                                                                    {"flash-sale", "--buyers=0"},
                                                                                    {"flash-sale", "--buyers=x"},
                                                                                    {"flash-sale", "--connect=host"},
                                                                                    {"flash-sale", "--connect=h:0"}})
    CHECK_EQ(run(bench_main, args).code, 2);
}

SCENARIO("durations have a unit") {
  CHECK_EQ(bench::parse_duration("90ms").count(), 90);
  CHECK_EQ(bench::parse_duration("10s").count(), 10'000);
  CHECK_EQ(bench::parse_duration("2m").count(), 120'000);
  CHECK_THROWS_AS(bench::parse_duration("10"), bench::usage_error);
  CHECK_THROWS_AS(bench::parse_duration("-1s"), bench::usage_error);
}
