#include "domain/base/errors.hpp"
#include "domain/json/codec.hpp"
#include "tests/gateway/support/scripted_scene.hpp"

#include <memory>
#include <mutex>
#include <vector>

#define CAF_SUITE gateway.sinks
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

// What clients and the entities of sinks say to each other. Rights: tests/gateway/routes/rights.cpp.

namespace {

const std::string the_sink = "snk_00000000000000000001";

/// What the entities were told, and what they answer with.
struct script {
  std::mutex mutex;
  std::vector<create_sink> created;
  std::vector<change_sink> changed;
  ec failure = ec::none;
  std::string reason = "the reason";
  std::uint64_t sequence = 5;
};
using script_ptr = std::shared_ptr<script>;

sink_view a_view(const sink_id& id, std::uint64_t sequence) {
  sink_view view;
  view.state.id = id;
  view.state.target = {"amqps://rabbit.example.com", "waybill.events", "waybill"};
  view.state.types = {"order.*"};
  view.state.description = "ERP";
  view.state.password = "hush-hush";
  view.state.version = 3;
  view.progress.id = id.value;
  view.progress.cursor = {0, sequence};
  view.progress.last_error = "no connection";
  return view;
}

template <class Answer>
caf::result<Answer> answer_or_refuse(const script& told, Answer answer) {
  if (told.failure != ec::none)
    return caf::make_error(told.failure, told.reason);
  return answer;
}

sink_actor::behavior_type scripted_sinks(script_ptr s) {
  return {[](resume_entity&) {},
          [](wake_up&) {},
          [](retire_entity&) {},
          [](describe_entity&) { return entity_description{}; },
          [s](create_sink& x) {
            const std::lock_guard guard{s->mutex};
            s->created.push_back(x);
            return answer_or_refuse(*s, a_view(x.id, s->sequence));
          },
          [s](get_sink& x) { return answer_or_refuse(*s, a_view(x.id, s->sequence)); },
          [s](change_sink& x) {
            const std::lock_guard guard{s->mutex};
            s->changed.push_back(x);
            return answer_or_refuse(*s, a_view(x.id, s->sequence));
          },
          [s](remove_sink&) -> caf::result<void> {
            if (s->failure != ec::none)
              return caf::make_error(s->failure, s->reason);
            return caf::unit;
          }};
}

struct scene : scripted_scene<script> {
  scene() : scripted_scene(&gateway_services::sinks, scripted_sinks) {}

  std::string pointer_of_refusal(const std::string& body) {
    const auto refused = send("POST", "/v1/sinks", body);
    CHECK_EQ(refused.status, 422u);
    return std::string{refused.json().at("errors").at(0).at("pointer").as_string()};
  }
};

} // namespace

SCENARIO("a sink is made, and its password is in no answer") {
  scene s;
  const auto made = s.send(
    "POST", "/v1/sinks",
    R"({"url":"amqps://rabbit.example.com","user":"waybill","password":"hush-hush","types":["order.*"],"description":"ERP"})");
  CHECK_EQ(made.status, 201u);
  REQUIRE_EQ(s.told->created.size(), 1u);
  const auto& told = s.told->created[0];
  CHECK_EQ(told.target.url, "amqps://rabbit.example.com");
  CHECK_EQ(told.target.destination, "waybill.events");
  CHECK_EQ(told.target.user, "waybill");
  CHECK_EQ(told.password, "hush-hush");
  CHECK_EQ(told.origin.by_kind, "admin");
  CHECK_EQ(made.header("Location"), "/v1/sinks/" + told.id.value);
  CHECK_EQ(made.text("broker"), "rabbitmq");
  CHECK_EQ(made.text("last_error"), "no connection");
  const auto shown = s.send("GET", "/v1/sinks/" + the_sink);
  CHECK_EQ(shown.status, 200u);
  for (const auto& answer : {made, shown})
    CHECK_EQ(answer.body.find("hush"), std::string::npos);
}

SCENARIO("a sink is changed; what is left out stays, and null removes user and password") {
  scene s;
  const auto patch = [&](const std::string& body) { return s.send("PATCH", "/v1/sinks/" + the_sink, body).status; };
  CHECK_EQ(patch(R"({"status":"disabled"})"), 200u);
  CHECK_EQ(patch(R"({"password":null,"user":null,"destination":"orders"})"), 200u);
  REQUIRE_EQ(s.told->changed.size(), 2u);
  CHECK(s.told->changed[0].enabled == false);
  CHECK(!s.told->changed[0].password);
  CHECK(!s.told->changed[0].url);
  CHECK(s.told->changed[1].password == "");
  CHECK(s.told->changed[1].user == "");
  CHECK(s.told->changed[1].destination == "orders");
  CHECK_EQ(patch(R"({"status":"deleted"})"), 422u);
  const auto at_version = s.send("PATCH", "/v1/sinks/" + the_sink, R"({"status":"enabled"})", {{"If-Match", "\"3\""}});
  CHECK_EQ(at_version.status, 200u);
  CHECK_EQ(s.told->changed[2].expected_version, 3u);
  CHECK_EQ(s.send("DELETE", "/v1/sinks/" + the_sink).status, 204u);
}

SCENARIO("what is wrong is told at its field, also what only the sink finds") {
  scene s;
  CHECK_EQ(s.pointer_of_refusal(R"({"types":["order.*"]})"), "/url");
  CHECK_EQ(s.pointer_of_refusal(R"({"url":"amqps://a","types":["no such"]})"), "/types");
  CHECK_EQ(s.pointer_of_refusal(R"({"url":"amqps://a","types":["*"],"destination":""})"), "/destination");
  CHECK(s.told->created.empty());
  s.told->failure = ec::invalid_argument;
  for (const std::string field : {"url", "destination", "password"}) {
    s.told->reason = field + ": must be another one";
    CHECK_EQ(s.pointer_of_refusal(R"({"url":"amqps://a","types":["*"]})"), "/" + field);
  }
  s.told->failure = ec::not_found;
  CHECK_EQ(s.send("GET", "/v1/sinks/" + the_sink).status, 404u);
  CHECK_EQ(s.send("DELETE", "/v1/sinks/" + the_sink).status, 404u);
  CHECK_EQ(s.send("GET", "/v1/sinks/other").status, 404u);
}

SCENARIO("the tag of a sink changes with its progress") {
  scene s;
  const auto first = s.send("GET", "/v1/sinks/" + the_sink);
  CHECK_EQ(s.send("GET", "/v1/sinks/" + the_sink, "", {{"If-None-Match", first.header("ETag")}}).status, 304u);
  s.told->sequence = 6;
  const auto later = s.send("GET", "/v1/sinks/" + the_sink, "", {{"If-None-Match", first.header("ETag")}});
  CHECK_EQ(later.status, 200u);
  CHECK_NE(later.header("ETag"), first.header("ETag"));
}

SCENARIO("sinks are listed in pages, and there are 50 at most") {
  scene s;
  auto& world = *s.gateway->state;
  {
    const std::lock_guard guard{world.mutex};
    for (int i = 0; i < 50; ++i) {
      const auto view = a_view(sink_id{the_sink}, 5);
      world.sinks.sinks.push_back({encode(view.state), view.progress});
    }
    world.sinks.more = true;
  }
  const auto listed = s.send("GET", "/v1/sinks?limit=50");
  CHECK_EQ(listed.status, 200u);
  CHECK_EQ(listed.json().at("items").as_array().size(), 50u);
  CHECK_EQ(listed.body.find("hush"), std::string::npos);
  const auto next = listed.text("next_cursor");
  CHECK_EQ(s.send("GET", "/v1/sinks?cursor=" + next).status, 200u);
  CHECK_EQ(world.sink_lists.back().cursor_id, the_sink);
  CHECK_EQ(s.send("POST", "/v1/sinks", R"({"url":"amqps://a","types":["*"]})").status, 409u);
}
