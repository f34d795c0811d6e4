#include "domain/base/errors.hpp"
#include "domain/webhook/signature.hpp"
#include "tests/gateway/support/scripted_scene.hpp"

#include <memory>
#include <mutex>
#include <vector>

#define CAF_SUITE gateway.webhooks
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

// The requests of clients and the answers of the endpoint entities. Rights: tests/gateway/routes/rights.cpp.

namespace {

const std::string endpoint = "whk_00000000000000000001";
const std::string path = "/v1/webhook-endpoints/" + endpoint;
const std::string message = "msg_00000000000000000001";
const std::string secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// The commands that the entities got, and their answers.
struct script {
  std::mutex mutex;
  std::vector<create_webhook> created;
  std::vector<change_webhook> changed;
  std::vector<rotate_webhook_secret> rotated;
  std::vector<replay_webhook> replayed;
  std::vector<retry_webhook_delivery> retried;
  webhook_answer said;
  ec failure = ec::none;
  std::uint32_t progress = 2;
};
using script_ptr = std::shared_ptr<script>;

webhook_view a_view(const webhook_id& id) {
  webhook_view made;
  made.state.id = id;
  made.state.url = "https://erp.example/hook";
  made.state.types = {"order.*"};
  made.state.version = 4;
  // Nobody may see it, even if it is there.
  made.state.keys.current = secret;
  made.progress.id = id.value;
  made.progress.backlog = 2;
  made.progress.last_error = "the answer was 500";
  return made;
}

webhook_delivery_row a_delivery() {
  webhook_delivery_row row;
  row.endpoint = endpoint;
  row.position = {0, 7};
  row.message = message;
  row.stream = "ord_1";
  row.version = 2;
  row.type = "order.placed";
  row.delivery = webhook::new_delivery(timestamp{std::chrono::seconds{60}});
  return row;
}

template <class Answer>
caf::result<Answer> answer_or_refuse(const script& told, Answer answer) {
  if (told.failure != ec::none)
    return caf::make_error(told.failure, std::string{"the reason"});
  return answer;
}

webhook_actor::behavior_type endpoints(script_ptr s) {
  const auto note = [s](auto& list, const auto& command) -> caf::result<webhook_view> {
    const std::lock_guard guard{s->mutex};
    list.push_back(command);
    return answer_or_refuse(*s, a_view(command.id));
  };
  return {[](resume_entity&) {},
          [](wake_up&) {},
          [](retire_entity&) {},
          [](describe_entity&) { return entity_description{}; },
          [s, note](create_webhook& x) { return note(s->created, x); },
          [s](get_webhook& x) -> caf::result<webhook_view> {
            auto view = a_view(x.id);
            view.progress.backlog = s->progress;
            return answer_or_refuse(*s, view);
          },
          [s, note](change_webhook& x) { return note(s->changed, x); },
          [s](remove_webhook&) -> caf::result<void> {
            if (s->failure != ec::none)
              return caf::make_error(s->failure, std::string{"the reason"});
            return caf::unit;
          },
          [s, note](rotate_webhook_secret& x) { return note(s->rotated, x); },
          [s, note](replay_webhook& x) { return note(s->replayed, x); },
          [s](retry_webhook_delivery& x) -> caf::result<webhook_delivery_row> {
            const std::lock_guard guard{s->mutex};
            s->retried.push_back(x);
            return answer_or_refuse(*s, a_delivery());
          },
          [s](test_webhook&) { return answer_or_refuse(*s, s->said); }};
}

struct scene : scripted_scene<script> {
  scene() : scripted_scene(&gateway_services::webhooks, endpoints) {}
};

} // namespace

SCENARIO("the secret of an endpoint is shown once, to its creator only") {
  scene s;
  const auto made = s.send("POST", "/v1/webhook-endpoints",
                           R"({"url":"https://erp.example/hook","types":["order.*","stock.low"],"description":"ERP"})");
  CHECK_EQ(made.status, 201u);
  REQUIRE_EQ(s.told->created.size(), 1u);
  const auto& told = s.told->created[0];
  CHECK_EQ(made.text("secret"), told.secret);
  CHECK(webhook_signature::read_keys(told.secret).has_value());
  CHECK_EQ(made.header("Location"), "/v1/webhook-endpoints/" + told.id.value);
  CHECK(made.header("ETag").starts_with("\"4."));
  CHECK_EQ(made.header("Cache-Control"), "no-store");
  CHECK_EQ(told.types.size(), 2u);
  CHECK_EQ(told.description, "ERP");
  CHECK_EQ(told.origin.by_id, "usr_00000000000000000005");
  const auto shown = s.send("GET", path);
  CHECK_EQ(shown.status, 200u);
  CHECK_EQ(shown.json().at("backlog").as_int64(), 2);
  CHECK_EQ(shown.text("last_error"), "the answer was 500");
  CHECK_EQ(shown.body.find("whsec_"), std::string::npos);
  // Progress changes without a new version: the answer is not 304.
  CHECK_EQ(s.send("GET", path, "", {{"If-None-Match", "\"4\""}}).status, 200u);
  const auto again = s.send("POST", path + "/rotate-secret", R"({"overlap_seconds":60})");
  CHECK_EQ(again.status, 200u);
  CHECK_EQ(again.text("secret"), s.told->rotated.at(0).secret);
  CHECK_NE(again.text("secret"), told.secret);
  CHECK(s.told->rotated[0].previous_until.has_value());
  CHECK_EQ(s.send("POST", path + "/rotate-secret", R"({"overlap_seconds":0})").status, 200u);
  CHECK(!s.told->rotated[1].previous_until.has_value());
}

SCENARIO("an invalid endpoint is refused and reaches no actor") {
  scene s;
  for (const auto* body :
       {R"({})", R"({"url":"https://a.example"})", R"({"url":"https://a.example","types":[]})",
        R"({"url":"https://a.example","types":["ORDER"]})", R"({"url":"https://a.example","types":[1]})",
        R"({"url":"https://a.example","types":"order.*"})", R"({"url":7,"types":["order.*"]})",
        R"({"url":"","types":["order.*"]})", R"({"url":"https://a.example","types":["order.*"],"secret":"x"})", "[]"})
    CHECK_EQ(s.send("POST", "/v1/webhook-endpoints", body).status, 422u);
  const auto long_url = R"({"types":["*"],"url":"https://a.example/)" + std::string(2'048, 'x') + R"("})";
  CHECK_EQ(s.send("POST", "/v1/webhook-endpoints", long_url).status, 422u);
  CHECK_EQ(s.send("POST", "/v1/webhook-endpoints", "{").status, 400u);
  for (const auto* body : {R"({"status":"deleted"})", R"({"types":[]})", R"({"version":1})", R"({"url":null})"})
    CHECK_EQ(s.send("PATCH", path, body).status, 422u);
  CHECK_EQ(s.send("POST", path + "/rotate-secret", R"({"overlap_seconds":604801})").status, 422u);
  CHECK_EQ(s.send("POST", path + "/replay", R"({"after":"nonsense"})").status, 422u);
  CHECK_EQ(s.send("GET", path + "/deliveries?status=lost").status, 400u);
  CHECK_EQ(s.send("GET", path + "/deliveries?cursor=x").status, 400u);
  CHECK_EQ(s.send("POST", path + "/deliveries/nonsense/retry").status, 404u);
  CHECK_EQ(s.send("GET", "/v1/webhook-endpoints/whk_1").status, 404u);
  CHECK(s.told->created.empty());
  CHECK(s.told->changed.empty());
  CHECK(s.told->replayed.empty());
  CHECK(s.told->retried.empty());
}

SCENARIO("the number of endpoints is limited, and a refused URL is named") {
  scene s;
  s.told->failure = ec::invalid_argument;
  const auto refused = s.send("POST", "/v1/webhook-endpoints", R"({"url":"http://a.example","types":["order.*"]})");
  CHECK_EQ(refused.status, 422u);
  CHECK_EQ(refused.json().at("errors").at(0).at("pointer").as_string(), "/url");
  s.told->failure = ec::none;
  {
    const std::lock_guard guard{s.gateway->state->mutex};
    s.gateway->state->webhooks.webhooks.resize(100);
  }
  const auto full = s.send("POST", "/v1/webhook-endpoints", R"({"url":"https://a.example","types":["order.*"]})");
  CHECK_EQ(full.status, 409u);
  CHECK_EQ(full.text("code"), "conflict");
}

SCENARIO("an endpoint is changed under its version, and deleted") {
  scene s;
  const auto changed = s.send("PATCH", path, R"({"status":"disabled","types":["*"]})", {{"If-Match", "\"4\""}});
  CHECK_EQ(changed.status, 200u);
  REQUIRE_EQ(s.told->changed.size(), 1u);
  CHECK(s.told->changed[0].enabled == false);
  CHECK_EQ(s.told->changed[0].expected_version, 4u);
  CHECK(!s.told->changed[0].url);
  CHECK_EQ(s.send("DELETE", path).status, 204u);
  s.told->failure = ec::version_mismatch;
  CHECK_EQ(s.send("PATCH", path, R"({"status":"enabled"})", {{"If-Match", "\"3\""}}).status, 412u);
  CHECK_EQ(s.send("DELETE", path, "", {{"If-Match", "\"3\""}}).status, 412u);
}

SCENARIO("C1: an endpoint's tag changes with its progress, and its commands are compared with the tag") {
  scene s;
  const auto tag = s.send("GET", path).header("ETag");
  CHECK_EQ(s.send("GET", path, "", {{"If-None-Match", tag}}).status, 304u);
  CHECK_EQ(s.send("GET", path, "", {{"If-Match", "\"999\""}}).status, 412u);
  CHECK_EQ(s.send("PATCH", path, R"({"status":"enabled"})", {{"If-Match", tag}}).status, 200u);
  CHECK_EQ(s.told->changed.at(0).expected_version, 4u);
  s.told->progress = 3;
  CHECK_EQ(s.send("GET", path, "", {{"If-None-Match", tag}}).status, 200u);
  for (const auto& command :
       {path + "/rotate-secret", path + "/replay", path + "/test", path + "/deliveries/" + message + "/retry"})
    for (const auto& condition : {header_list{{"If-Match", "\"999\""}}, header_list{{"If-None-Match", "*"}}})
      CHECK_EQ(s.send("POST", command, "{}", condition).status, 412u);
  CHECK(s.told->rotated.empty());
  CHECK(s.told->replayed.empty());
  CHECK(s.told->retried.empty());
}

SCENARIO("the delivery log has pages, and its messages can be sent again, one or a range") {
  scene s;
  {
    const std::lock_guard guard{s.gateway->state->mutex};
    s.gateway->state->webhook_deliveries.deliveries = {a_delivery()};
    s.gateway->state->webhook_deliveries.more = true;
  }
  const auto page = s.send("GET", path + "/deliveries?status=pending&limit=1");
  CHECK_EQ(page.status, 200u);
  CHECK_EQ(page.json().at("items").at(0).at("message_id").as_string(), message);
  CHECK_EQ(page.json().at("items").at(0).at("event_id").as_string(), "evt_ord_1.2");
  CHECK(page.json().at("items").at(0).at("last_status").is_null());
  const auto cursor = page.text("next_cursor");
  CHECK_EQ(s.send("GET", path + "/deliveries?status=pending&cursor=" + cursor).status, 200u);
  CHECK(s.gateway->state->webhook_delivery_lists.at(0).status == webhook::delivery_status::pending);
  CHECK(s.gateway->state->webhook_delivery_lists.at(1).cursor == (log_position{0, 7}));
  // The cursor is valid for this list only.
  CHECK_EQ(s.send("GET", path + "/deliveries?status=failed&cursor=" + cursor).status, 400u);
  const std::string another = "/v1/webhook-endpoints/whk_00000000000000000002/deliveries?status=pending&cursor=";
  CHECK_EQ(s.send("GET", another + cursor).status, 400u);
  CHECK_EQ(s.send("GET", path + "/deliveries?cursor=" + to_string(log_position{0, 7})).status, 400u);

  CHECK_EQ(s.send("POST", path + "/deliveries/" + message + "/retry").status, 202u);
  CHECK_EQ(s.told->retried.at(0).id.value + s.told->retried.at(0).message, endpoint + message);
  const auto begun = s.send("POST", path + "/replay", R"({"after":")" + to_string(log_position{0, 7}) + R"(","types":["order.placed"]})");
  CHECK_EQ(begun.status, 202u);
  CHECK(s.told->replayed.at(0).after == (log_position{0, 7}));
  CHECK(!s.told->replayed.at(0).before);
  const auto foreign = to_string(log_position{0, 7, 1'700'000'000'000, 1});
  for (const std::string end : {"after", "before"}) {
    const auto refused = s.send("POST", path + "/replay", R"({")" + end + R"(":")" + foreign + R"("})");
    CHECK_EQ(refused.status, 410u);
    CHECK_EQ(refused.text("code"), "cursor_expired");
  }
  CHECK_EQ(s.told->replayed.size(), 1u);
  CHECK_EQ(s.send("POST", path + "/replay", R"({"after":"earliest","before":"latest"})").status, 202u);
  CHECK(s.told->replayed.at(1).after == log_position{});
  CHECK(!s.told->replayed.at(1).before);
  s.told->failure = ec::illegal_transition;
  CHECK_EQ(s.send("POST", path + "/replay", "{}").status, 409u);
  CHECK_EQ(s.send("POST", path + "/deliveries/" + message + "/retry").status, 409u);
  s.told->failure = ec::not_found;
  CHECK_EQ(s.send("GET", path + "/deliveries").status, 404u);
}

SCENARIO("a test message is answered with the receiver's answer, whatever it is") {
  scene s;
  s.told->said = {503, {}, {}, milliseconds{12}};
  const auto busy = s.send("POST", path + "/test");
  CHECK_EQ(busy.status, 200u);
  CHECK_EQ(busy.body, R"({"delivered":false,"status":503,"error":null,"duration_ms":12})");
  s.told->said = {204, {}, {}, milliseconds{3}};
  CHECK_EQ(s.send("POST", path + "/test").body, R"({"delivered":true,"status":204,"error":null,"duration_ms":3})");
  s.told->said = {0, {}, "no answer in time", milliseconds{5'000}};
  CHECK_EQ(s.send("POST", path + "/test").body,
           R"({"delivered":false,"status":null,"error":"no answer in time","duration_ms":5000})");
  s.told->failure = ec::conflict;
  CHECK_EQ(s.send("POST", path + "/test").status, 409u);
  CHECK_EQ(s.send("POST", "/v1/webhook-endpoints/nonsense/test").status, 404u);
}
