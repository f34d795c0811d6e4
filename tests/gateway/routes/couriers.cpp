#include "tests/gateway/support/tokens.hpp"

#include "domain/base/errors.hpp"
#include "domain/json/codec.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

#define CAF_SUITE gateway.couriers
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

// Couriers and deliveries over HTTP, with scripted entities that treat commands like the real ones.

namespace {

const std::string ann = "usr_00000000000000000001";
const std::string bob = "usr_00000000000000000002";
const std::string boss = "usr_00000000000000000009";

std::string courier_of(const std::string& user) {
  return "cur" + user.substr(3);
}

/// The commands that the entities got, and their answers.
struct script {
  std::mutex mutex;
  std::vector<add_courier> added;
  std::vector<change_courier> changed;
  std::vector<act_on_delivery> said;
  std::vector<view_delivery> viewed;
  ec failure = ec::none;
  delivery::state job;
};
using script_ptr = std::shared_ptr<script>;

caf::error refused(ec code) {
  return caf::make_error(code, std::string{"the reason"});
}

courier::state a_courier(const courier_id& id) {
  courier::state made;
  made.id = id;
  made.name = "Ann";
  made.capacity = 2;
  made.assignments = {{delivery_id{"dlv_00000000000000000001"}, 1}};
  made.version = 4;
  return made;
}

courier_actor::behavior_type couriers(script_ptr s) {
  return {[](resume_entity&) {},
          [](wake_up&) {},
          [](retire_entity&) {},
          [](describe_entity&) { return entity_description{}; },
          [s](add_courier& x) {
            const std::lock_guard guard{s->mutex};
            s->added.push_back(x);
            return a_courier(x.add.courier);
          },
          [](get_courier& x) -> caf::result<courier::state> {
            if (!x.on_behalf.may_see(x.id))
              return refused(ec::not_found);
            return a_courier(x.id);
          },
          [s](change_courier& x) {
            const std::lock_guard guard{s->mutex};
            s->changed.push_back(x);
            return a_courier(x.id);
          },
          [s](remove_courier& x) -> caf::result<courier::state> {
            const std::lock_guard guard{s->mutex};
            if (s->failure != ec::none)
              return refused(s->failure);
            return a_courier(x.id);
          },
          [](assign_courier&) {},
          [](release_courier&) {}};
}

delivery_actor::behavior_type deliveries(script_ptr s) {
  return {[](resume_entity&) {},
          [](wake_up&) {},
          [](retire_entity&) {},
          [](describe_entity&) { return entity_description{}; },
          [s](request_delivery&) { return s->job; },
          [s](cancel_delivery&) { return s->job; },
          [s](courier_says&) { return s->job; },
          [s](get_delivery&) { return s->job; },
          [s](act_on_delivery& x) -> caf::result<delivery::state> {
            const std::lock_guard guard{s->mutex};
            s->said.push_back(x);
            if (s->failure != ec::none)
              return refused(s->failure);
            return s->job;
          },
          [s](view_delivery& x) -> caf::result<delivery::state> {
            const std::lock_guard guard{s->mutex};
            s->viewed.push_back(x);
            if (!x.on_behalf.may_see(s->job.courier))
              return refused(ec::not_found);
            return s->job;
          }};
}

user_actor::behavior_type users() {
  return {[](resume_entity&) {},
          [](wake_up&) {},
          [](retire_entity&) {},
          [](describe_entity&) { return entity_description{}; },
          [](register_user&) { return signed_in{}; },
          [](log_in&) { return signed_in{}; },
          [](refresh_session&) { return signed_in{}; },
          [](end_session&) {},
          [](get_user& x) -> caf::result<user_view> {
            if (x.id.value != ann && x.id.value != boss)
              return refused(ec::not_found);
            user_view view;
            view.id = x.id;
            view.roles = {x.id.value == ann ? "courier" : "operator"};
            return view;
          },
          [](change_user&) { return user_view{}; },
          [](administer_user&) { return user_view{}; },
          [](allow_password_reset&) { return password_reset{}; },
          [](reset_password&) {}};
}

struct scene {
  scene() {
    told->job.id = delivery_id{job};
    told->job.order = order_id{"ord_00000000000000000001"};
    told->job.courier = courier_id{courier_of(ann)};
    told->job.name = "Ada";
    told->job.address = "Main Street 1";
    told->job.status = delivery::status::offered;
    told->job.attempt = 2;
    told->job.step_by = timestamp{std::chrono::seconds{60}};
    told->job.version = 5;
    gateway = guarded_gateway(maker, [this](gateway_services& services) {
      auto& sys = services.orders->home_system();
      services.couriers = sys.spawn(couriers, told);
      services.deliveries = sys.spawn(deliveries, told);
      services.users = sys.spawn(users);
      actors = {caf::actor_cast<caf::actor>(services.couriers), caf::actor_cast<caf::actor>(services.deliveries),
                caf::actor_cast<caf::actor>(services.users)};
    });
  }

  ~scene() {
    for (const auto& actor : std::exchange(actors, {}))
      caf::anon_send_exit(actor, caf::exit_reason::kill);
  }

  answer send(const std::string& user, std::string_view method, const std::string& path, std::string_view body = {},
              header_list headers = {}) {
    const auto role = user == boss ? "operator" : "courier";
    headers.push_back(bearer(maker.token(user, {"customer", role}))[0]);
    return gateway->send(method, path, body, headers);
  }

  const std::string job = "dlv_00000000000000000001";
  token_maker maker;
  script_ptr told = std::make_shared<script>();
  std::vector<caf::actor> actors;
  std::unique_ptr<fixture> gateway;
};

} // namespace

SCENARIO("an operator adds a courier for a user with that role; the courier's id is derived from the user's") {
  scene s;
  const auto made = s.send(boss, "POST", "/v1/couriers", R"({"name":"Ann","user_id":")" + ann + R"(","capacity":2})");
  CHECK_EQ(made.status, 201u);
  CHECK_EQ(made.header("Location"), "/v1/couriers/" + courier_of(ann));
  CHECK_EQ(made.header("ETag"), "\"4\"");
  CHECK_EQ(made.json().at("deliveries").at(0).as_string(), s.job);
  REQUIRE_EQ(s.told->added.size(), 1u);
  CHECK_EQ(s.told->added[0].add.courier.value, courier_of(ann));
  CHECK_EQ(s.told->added[0].add.capacity, 2u);
  CHECK_EQ(s.told->added[0].origin.by_id, boss);
  // Without one: operators speak for them.
  CHECK_EQ(s.send(boss, "POST", "/v1/couriers", R"({"name":"By phone"})").status, 201u);
  CHECK(is_id(s.told->added[1].add.courier.value, courier_id::prefix()));
  CHECK_EQ(s.told->added[1].add.capacity, 1u);
}

SCENARIO("a courier for an unknown user or one without the role is refused, and so is an invalid courier") {
  scene s;
  const auto for_user = [&](const std::string& user) {
    return s.send(boss, "POST", "/v1/couriers", R"({"name":"X","user_id":")" + user + R"("})");
  };
  CHECK_EQ(for_user(bob).status, 422u);
  CHECK_EQ(for_user(boss).status, 422u);
  CHECK_EQ(for_user("nonsense").status, 422u);
  for (const auto* body : {R"({})", R"({"name":""})", R"({"name":"X","capacity":0})", R"({"name":"X","capacity":101})",
                           R"({"name":"X","capacity":"2"})", R"({"name":"X","online":true})", "[]"})
    CHECK_EQ(s.send(boss, "POST", "/v1/couriers", body).status, 422u);
  CHECK(s.told->added.empty());
}

SCENARIO("a courier sees only themselves, and changes only whether they are online") {
  scene s;
  const auto mine = "/v1/couriers/" + courier_of(ann);
  CHECK_EQ(s.send(ann, "GET", mine).status, 200u);
  CHECK_EQ(s.send(bob, "GET", mine).status, 404u);
  CHECK_EQ(s.send(boss, "GET", mine).status, 200u);
  CHECK_EQ(s.send(ann, "PATCH", mine, R"({"online":true})").status, 200u);
  CHECK_EQ(s.send(bob, "PATCH", mine, R"({"online":true})").status, 404u);
  CHECK_EQ(s.send(ann, "PATCH", mine, R"({"capacity":9})").status, 403u);
  CHECK_EQ(s.send(ann, "PATCH", mine, R"({"name":"Queen"})").status, 403u);
  CHECK_EQ(s.send(boss, "PATCH", mine, R"({"name":"Anna","capacity":9})", {{"If-Match", "\"4\""}}).status, 200u);
  REQUIRE_EQ(s.told->changed.size(), 2u);
  CHECK_EQ(s.told->changed[0].change.online.value_or(false), true);
  CHECK_EQ(s.told->changed[0].origin.by_kind, "courier");
  CHECK_EQ(s.told->changed[1].expected_version, 4u);
  CHECK_EQ(s.told->changed[1].origin.by_kind, "operator");
  CHECK_EQ(s.send(ann, "GET", "/v1/couriers").status, 403u);
  CHECK_EQ(s.send(ann, "DELETE", mine).status, 403u);
  CHECK_EQ(s.send(ann, "POST", "/v1/couriers", R"({"name":"Ann"})").status, 403u);
  CHECK_EQ(s.send(boss, "DELETE", mine).status, 204u);
  s.told->failure = ec::illegal_transition;
  CHECK_EQ(s.send(boss, "DELETE", mine).text("code"), "illegal_transition");
}

SCENARIO("a courier's command reaches the delivery with the courier and the number of the offer") {
  scene s;
  const auto path = "/v1/deliveries/" + s.job + '/';
  CHECK_EQ(s.send(ann, "POST", path + "accept").status, 200u);
  CHECK_EQ(s.send(ann, "POST", path + "start", "{}").status, 200u);
  CHECK_EQ(s.send(ann, "POST", path + "complete", R"({"attempt":2})").status, 200u);
  CHECK_EQ(s.send(ann, "POST", path + "decline", R"({"reason":"too far"})").status, 200u);
  CHECK_EQ(s.send(boss, "POST", path + "abort", R"({"reason":"recalled","attempt":2})").status, 200u);
  REQUIRE_EQ(s.told->said.size(), 5u);
  using enum courier_word;
  const std::array words{accepted, started, completed, declined, aborted};
  for (std::size_t i = 0; i < words.size(); ++i)
    CHECK(s.told->said[i].word == words.at(i));
  CHECK_EQ(s.told->said[0].on_behalf.courier.value, courier_of(ann));
  CHECK(!s.told->said[0].on_behalf.everything);
  CHECK_EQ(s.told->said[0].origin.by_kind, "courier");
  CHECK_EQ(s.told->said[0].origin.by_id, ann);
  CHECK_EQ(s.told->said[2].attempt, 2u);
  CHECK_EQ(s.told->said[3].reason, "too far");
  CHECK(s.told->said[4].on_behalf.everything);
  CHECK_EQ(s.told->said[4].origin.by_kind, "operator");
  for (const auto* body : {R"({"reason":"x"})", R"({"attempt":0})", R"({"attempt":"2"})", "[]"})
    CHECK_EQ(s.send(ann, "POST", path + "accept", body).status, 422u);
  for (const auto& [code, word] : {std::pair{ec::illegal_transition, "illegal_transition"},
                                   {ec::conflict, "conflict"},
                                   {ec::not_found, "not_found"}}) {
    s.told->failure = code;
    CHECK_EQ(s.send(ann, "POST", path + "accept").text("code"), word);
  }
}

SCENARIO("a delivery is shown to its courier; a courier who has lost it no longer sees the recipient") {
  scene s;
  const auto path = "/v1/deliveries/" + s.job;
  const auto shown = s.send(ann, "GET", path);
  CHECK_EQ(shown.status, 200u);
  CHECK_EQ(shown.header("ETag"), "\"5\"");
  CHECK_EQ(shown.text("status"), "offered");
  CHECK_EQ(shown.text("courier_id"), courier_of(ann));
  CHECK_EQ(shown.json().at("recipient").at("address").as_string(), "Main Street 1");
  CHECK_EQ(shown.text("due_at"), "1970-01-01T00:01:00.000000Z");
  CHECK_EQ(s.send(bob, "GET", path).status, 404u);
  // A word that changes nothing, of one whom it is not offered to any more.
  const auto late = s.send(bob, "POST", path + "/decline");
  CHECK_EQ(late.status, 200u);
  CHECK(!late.json().as_object().contains("recipient"));
  CHECK(!late.json().as_object().contains("courier_id"));
  CHECK_EQ(s.send(ann, "GET", "/v1/deliveries/nonsense").status, 404u);
}

SCENARIO("a courier lists their own deliveries, an operator all") {
  scene s;
  {
    const std::lock_guard guard{s.gateway->state->mutex};
    s.gateway->state->page = {{encode(s.told->job)}, true};
  }
  const auto bobs = "/v1/deliveries?status=offered&courier_id=" + courier_of(bob);
  const auto own = s.send(ann, "GET", bobs + "&limit=1");
  CHECK_EQ(own.status, 200u);
  CHECK_EQ(own.json().at("items").at(0).at("id").as_string(), s.job);
  const auto next = own.text("next_cursor");
  CHECK_EQ(s.send(ann, "GET", bobs + "&cursor=" + next).status, 200u);
  CHECK_EQ(s.send(ann, "GET", "/v1/deliveries?cursor=" + next).status, 400u);
  CHECK_EQ(s.send(boss, "GET", "/v1/deliveries?courier_id=" + courier_of(bob)).status, 200u);
  const auto& asked = s.gateway->state->delivery_lists;
  REQUIRE_EQ(asked.size(), 3u);
  CHECK_EQ(asked[0].courier, courier_of(ann));
  CHECK_EQ(asked[0].status, "offered");
  CHECK_EQ(asked[1].courier, courier_of(ann));
  CHECK_EQ(asked[1].cursor_id, s.job);
  CHECK_EQ(asked[2].courier, courier_of(bob));
  CHECK_EQ(s.send(ann, "GET", "/v1/deliveries?status=lost").status, 400u);
  CHECK_EQ(s.send(boss, "GET", "/v1/deliveries?courier_id=bob").status, 400u);
}

SCENARIO("couriers are listed by id and by whether they are online") {
  scene s;
  {
    const std::lock_guard guard{s.gateway->state->mutex};
    s.gateway->state->page = {{encode(a_courier(courier_id{courier_of(ann)}))}, true};
  }
  const auto first = s.send(boss, "GET", "/v1/couriers?online=true&limit=1");
  CHECK_EQ(first.status, 200u);
  CHECK_EQ(first.json().at("items").at(0).at("id").as_string(), courier_of(ann));
  const auto next = first.text("next_cursor");
  CHECK_EQ(s.send(boss, "GET", "/v1/couriers?online=false&cursor=" + next).status, 400u);
  CHECK_EQ(s.send(boss, "GET", "/v1/couriers?online=true&cursor=" + next).status, 200u);
  CHECK_EQ(s.send(boss, "GET", "/v1/couriers?online=false").status, 200u);
  CHECK_EQ(s.send(boss, "GET", "/v1/couriers").status, 200u);
  const auto& asked = s.gateway->state->courier_lists;
  REQUIRE_EQ(asked.size(), 4u);
  CHECK(asked[0].online == std::optional{true});
  CHECK(asked[1].online == std::optional{true});
  CHECK_EQ(asked[1].cursor_id, courier_of(ann));
  CHECK(asked[2].online == std::optional{false});
  CHECK(!asked[3].online);
  CHECK_EQ(s.send(boss, "GET", "/v1/couriers?online=perhaps").status, 400u);
}

namespace {

std::string data_of(const std::string& type, const std::string& courier) {
  const std::string due = R"("step_by":"1970-01-01T00:00:00.000000Z"})";
  const auto named = R"("courier":")" + courier + '"';
  if (type == "delivery.offered")
    return R"({"attempt":1,)" + named + ',' + due;
  if (type == "delivery.declined")
    return R"({"attempt":1,)" + named + (courier.find("reason") == std::string::npos ? R"(,"reason":""})" : "}");
  if (type == "delivery.requested")
    return R"({"delivery":"dlv_3","order":"ord_3","customer":"cus_other","name":"Ada","address":"1 Main Street"})";
  if (type == "courier.assigned")
    return R"({"delivery":"dlv_1","attempt":1})";
  return type == "order.delivered" ? '{' + named + ',' + due : event_data(type, "ord_2");
}

} // namespace

SCENARIO("a courier's event stream has their offers, their deliveries and their own orders, and nothing of others") {
  scene s;
  const auto log = [&](const std::string& type, const std::string& stream, const std::string& courier,
                       const std::string& customer = {}) {
    const std::lock_guard guard{s.gateway->state->mutex};
    stored_event event;
    event.position = position(s.gateway->state->log.size() + 1);
    event.stream = stream;
    event.version = 1;
    event.type = type;
    event.customer = customer;
    event.data = data_of(type, courier);
    s.gateway->state->log.push_back(event);
  };
  log("delivery.offered", "dlv_1", courier_of(ann), "cus_other");
  log("delivery.offered", "dlv_2", courier_of(bob), "cus_other");
  log("delivery.requested", "dlv_3", "", "cus_other");
  log("delivery.declined", "dlv_1", courier_of(ann), "cus_other");
  log("courier.assigned", courier_of(ann), "");
  log("courier.assigned", courier_of(bob), "");
  log("order.delivered", "ord_1", courier_of(ann), "cus_other");
  log("order.placed", "ord_2", "", "cus" + ann.substr(3));
  // A text that a user chose is not taken for a courier's mark.
  log("delivery.declined", "dlv_4", courier_of(bob) + R"(","reason":"\"courier\":\")" + courier_of(ann) + R"(\")");
  const auto seen = [&](const std::string& user) {
    std::string text;
    const auto page = s.send(user, "GET", "/v1/events").json();
    for (const auto& item : page.at("items").as_array())
      text += std::string{item.at("type").as_string()} + ' ' + std::string{item.at("stream").as_string()} + ';';
    return text;
  };
  CHECK_EQ(seen(ann), "delivery.offered dlv_1;delivery.declined dlv_1;courier.assigned " + courier_of(ann)
                        + ";order.placed ord_2;");
  CHECK_EQ(seen(bob), "delivery.offered dlv_2;courier.assigned " + courier_of(bob) + ";delivery.declined dlv_4;");
  // Not by being a customer of the same number.
  const auto customer = s.gateway->send("GET", "/v1/events", "", bearer(s.maker.token(ann, {"customer"}))).json();
  CHECK_EQ(customer.at("items").as_array().size(), 1u);
}
