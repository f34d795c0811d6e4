#include "domain/base/errors.hpp"
#include "tests/gateway/support/support.hpp"

#include <caf/typed_event_based_actor.hpp>

#define CAF_SUITE gateway.fault_injection
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

/// Stages everything, and forgets it.
fault_injector_actor spawn_stage(caf::actor_system& sys) {
  return sys.spawn([]() -> fault_injector_actor::behavior_type {
    return {[](const inject_fault& wanted) -> caf::result<injected_fault> {
              if (wanted.order == "ord_lost")
                return caf::make_error(ec::conflict, "node two was not started with --chaos=on");
              return injected_fault{wanted.fault, true, false, {"begun, " + std::to_string(wanted.lasts_ms) + " ms"}};
            },
            [](const get_injected_fault&) -> caf::result<injected_fault> {
              return caf::make_error(ec::not_found, "no fault was staged yet");
            }};
  });
}

struct scripted_scenarios : scenario_service {
  std::string list() override { return "[]"; }
  void run(int, scenario_run, std::function<void(result<std::string>)>) override {}
  fault_injector_actor fault_injector() override { return stage; }
  fault_injector_actor stage;
};

} // namespace

SCENARIO("a node without --chaos=on injects no fault, and says how to allow it") {
  fixture f;
  for (const auto* method : {"POST", "GET"}) {
    const auto refused =
      f.send(method, "/v1/chaos", method[0] == 'P' ? R"({"fault":"kill_owner","order":"ord_1"})" : "");
    CHECK_EQ(refused.status, 404u);
    CHECK_EQ(refused.text("code"), "not_found");
    CHECK(refused.text("detail").find("--chaos=on") != std::string::npos);
  }
}

SCENARIO("a fault begins and is shown; an impossible or invalid one is refused") {
  fixture f;
  scripted_scenarios stories;
  stories.stage = spawn_stage(f.sys);
  gateway_config options;
  options.port = 0;
  auto services = f.services;
  services.scenarios = &stories;
  gateway front{f.sys, options, services};
  REQUIRE(front.start().has_value());
  connection client{front.port()};
  const auto begun = client.send("POST", "/v1/chaos", R"({"fault":"database_away","lasts_ms":70})");
  CHECK_EQ(begun.status, 202u);
  CHECK_EQ(begun.header("Location"), "/v1/chaos");
  CHECK_EQ(begun.text("fault"), "database_away");
  CHECK_EQ(begun.text("status"), "running");
  CHECK_EQ(begun.text("node"), services.node);
  CHECK_EQ(begun.json().at("steps").at(0).as_string(), "begun, 70 ms");
  CHECK_EQ(client.send("GET", "/v1/chaos").status, 404u);
  const auto refused = client.send("POST", "/v1/chaos", R"({"fault":"kill_owner","order":"ord_lost"})");
  CHECK_EQ(refused.status, 409u);
  CHECK_EQ(refused.text("detail"), "node two was not started with --chaos=on");
  for (const auto* body :
       {"{}", R"({"fault":"fire"})", R"({"fault":"kill_owner"})", R"({"fault":"database_away","order":"ord_1"})",
        R"({"fault":"rolling_restart","lasts_ms":0})"})
    CHECK_EQ(client.send("POST", "/v1/chaos", body).status, 422u);
  front.request_stop();
  front.join();
  caf::anon_send_exit(stories.stage, caf::exit_reason::user_shutdown);
}
