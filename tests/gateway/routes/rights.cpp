#include "gateway/routes/router.hpp"

#include "domain/octets/octets.hpp"
#include "tests/gateway/support/route_rights.hpp"
#include "tests/gateway/support/tokens.hpp"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <set>

#define CAF_SUITE gateway.rights
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

// Tries every path with every kind of caller. route_rights.hpp has all rights a second time, in words: a new route
// without a line there fails, and so does one whose line in the routing table differs.

namespace {

std::string name_of(const http::route& route) {
  return std::string{http::method_name(route.method)} + ' ' + std::string{route.pattern};
}

enum class kind { nobody, another_customer, customer, courier, observer, staff, admin, broken };

struct somebody {
  std::string name;
  kind is;
  header_list headers;
};

/// The expected status: 401, 403, 404, or 0 for any other than 401 and 403. `reads`: the request changes nothing.
unsigned answer_for(const std::string& allowed, kind is, bool reads) {
  if (allowed == "everybody")
    return 0;
  if (is == kind::nobody || is == kind::broken || allowed == "provider")
    return 401;
  if (is == kind::admin || allowed == "signed in")
    return 0;
  const bool sees_all = is == kind::staff || (is == kind::observer && reads);
  if (allowed == "own")
    return is == kind::customer || sees_all ? 0 : 404;
  if (allowed == "observer")
    return sees_all ? 0 : 403;
  if (allowed == "operator")
    return is == kind::staff ? 0 : 403;
  // Whose it is, is the entities' business: tests/gateway/routes/couriers.cpp.
  if (allowed == "courier")
    return is == kind::courier || sees_all ? 0 : 403;
  if (allowed == "customer")
    return is == kind::customer || is == kind::another_customer ? 0 : 403;
  return 403;
}

struct walk {
  walk() : gateway{guarded_gateway(maker)} {
    // Its claims are an admin's, its signature is of a customer's claims.
    const auto tampered = [&] {
      const auto admin = maker.token("usr_0000000000000000000a", {"admin"});
      const auto customer = maker.token("usr_0000000000000000000a", {"customer"});
      return admin.substr(0, admin.rfind('.')) + customer.substr(customer.rfind('.'));
    };
    const auto without_signature = [&] {
      const auto token = maker.token("usr_0000000000000000000a", {"admin"});
      return to_base64url(R"({"alg":"none","typ":"at+jwt"})")
             + token.substr(token.find('.'), token.rfind('.') - token.find('.') + 1);
    };
    const auto add = [this](const std::string& name, kind is, const std::string& token) {
      callers.push_back({name, is, bearer(token)});
    };
    callers.push_back({"nobody", kind::nobody, {}});
    add("another customer", kind::another_customer, maker.token("usr_00000000000000000002", {"customer"}));
    add("customer", kind::customer, maker.token("usr_00000000000000000001", {"customer"}));
    add("courier", kind::courier, maker.token("usr_00000000000000000003", {"courier"}));
    add("observer", kind::observer, maker.token("usr_00000000000000000006", {"observer"}));
    add("operator", kind::staff, maker.token("usr_00000000000000000004", {"operator"}));
    add("admin", kind::admin, maker.token("usr_00000000000000000005", {"admin"}));
    add("expired", kind::broken, maker.token("usr_00000000000000000005", {"admin"}, now() - std::chrono::hours{1}));
    add("tampered", kind::broken, tampered());
    add("wrong key", kind::broken, token_maker{}.token("usr_00000000000000000005", {"admin"}));
    add("none algorithm", kind::broken, without_signature());
    callers.push_back({"basic", kind::broken, {{"Authorization", "Basic YWRhOmFkYQ=="}}});
    callers.push_back({"empty bearer", kind::broken, {{"Authorization", "Bearer"}}});
    callers.push_back({"two tokens",
                       kind::broken,
                       {bearer(maker.token("usr_00000000000000000005", {"admin"}))[0], {"Authorization", "Bearer x"}}});
  }

  /// An order of `customer`, fresh for each request: some of them change it.
  std::string order(bool pays_later) {
    const std::lock_guard guard{gateway->state->mutex};
    auto made = placed_order(make_id<order_id>().value);
    if (pays_later) {
      made.payment_status = order::payment_status::awaiting;
      made.deferral.emplace();
    }
    gateway->state->orders[made.id.value] = made;
    return made.id.value;
  }

  std::string path_of(const http::route& route) {
    std::string path{route.pattern};
    const auto at = path.find("{id}");
    if (at == std::string::npos)
      return path;
    const bool of_order = path.starts_with("/v1/orders/");
    const bool is_paid = route.method == http::verb::post && path.ends_with("/payment");
    const auto id = of_order ? order(is_paid) : "1";
    path.replace(at, 4, id);
    const auto version = path.find("{version}");
    const bool is_compared = path.ends_with("/diff");
    if (version != std::string::npos || is_compared || path.ends_with("/timeline") || path.ends_with("/export")
        || path.ends_with("/webhook-deliveries"))
      record(id);
    if (version != std::string::npos)
      path.replace(version, 9, "1");
    return is_compared ? path + "?from=1&to=1" : path;
  }

  /// The order's first event, in the log.
  void record(const std::string& id) {
    const std::lock_guard guard{gateway->state->mutex};
    auto& log = gateway->state->log;
    log.push_back({position(log.size() + 1),
                   id,
                   1,
                   "order.placed",
                   1,
                   now(),
                   id,
                   "cus_00000000000000000001",
                   {},
                   "test-node",
                   event_data("order.placed", id)});
  }

  answer ask(const http::route& route, const somebody& caller) {
    const auto path = path_of(route);
    const auto method = std::string{http::method_name(route.method)};
    const std::string body = route.method == http::verb::get       ? ""
                             : path.ends_with("/cancel")           ? R"({"reason":"none"})"
                             : path.ends_with("/payment")          ? R"({"method":"card","token":"tok_ok"})"
                             : route.method == http::verb::delete_ ? ""
                                                                   : "{}";
    if (route.kind != http::route_kind::events)
      return gateway->send(method, path, body, caller.headers);
    // A stream has no end: its head is enough.
    connection to{gateway->port()};
    std::string octets = "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n";
    for (const auto& [name, value] : caller.headers)
      octets += name + ": " + value + "\r\n";
    to.write(octets + "\r\n");
    const auto head = to.read_until("\r\n\r\n");
    answer result;
    result.status = static_cast<unsigned>(std::strtoul(head.c_str() + 9, nullptr, 10));
    if (const auto at = head.find("WWW-Authenticate: "); at != std::string::npos)
      result.headers.emplace_back("WWW-Authenticate", head.substr(at + 18, head.find('\r', at) - at - 18));
    return result;
  }

  token_maker maker;
  std::unique_ptr<fixture> gateway;
  std::vector<somebody> callers;
};

std::string all_for(const http::route& route) {
  return route.method == http::verb::get ? "operator, observer: all" : "operator: all";
}

std::string words_of(const http::route& route) {
  switch (route.right) {
    case http::access::everybody: return "everybody";
    case http::access::provider: return "the payment provider, by its signature; no token will do";
    case http::access::user: return "whoever is signed in, for what is their own";
    case http::access::owner: return "whoever is signed in, for what is their own; " + all_for(route);
    case http::access::customer: return "customer";
    case http::access::courier: return "courier, for what is theirs; " + all_for(route);
    case http::access::observer: return "operator, observer";
    case http::access::staff: return "operator";
    case http::access::admin: return "admin";
  }
  return {};
}

std::string rights_page() {
  std::string page =
    "# Who may do what\n\n"
    "Made from the routing table (`gateway/routes/route_table.cpp`) by the test `gateway.rights`; after a change of "
    "the table,\n`WAYBILL_TEST_WRITE_DOCS=1 ctest --preset release -R gateway.rights` writes it "
    "anew.\n\nAn admin may do everything. Without a token, or with one that does not hold, the answer is 401; without "
    "the "
    "right\n403; what belongs to somebody else is not there: 404. On the embedded node (`--auth=demo`), who has no "
    "token "
    "is an\nadmin. An observer sees what an operator sees, and changes nothing of it.\n\nWhere it says *asks the "
    "account*, what is done outlives an access token (accounts, keys, endpoints, "
    "money): the\naccount is asked whether the caller still may, so that whoever was disabled or lost a role undoes "
    "nothing "
    "with an old\ntoken. When it cannot be asked, the answer is 503.\n\n| method and path | who |\n|---|---|\n";
  for (const auto& route : http::all_routes())
    page += "| " + name_of(route) + " | " + words_of(route)
            + (route.has_page ? "; everybody: the page (Accept: text/html)" : "")
            + (route.asks_account ? "; asks the account" : "") + " |\n";
  return page;
}

} // namespace

SCENARIO("every path answers every kind of caller as the table of rights says") {
  walk through;
  std::set<std::string> walked;
  for (const auto& route : http::all_routes()) {
    const auto name = name_of(route);
    walked.insert(name);
    REQUIRE(expected_rights.contains(name));
    for (const auto& caller : through.callers) {
      auto wanted = answer_for(expected_rights.at(name), caller.is, route.method == http::verb::get);
      // Its token may come in a frame: tests/gateway/streams/streams.cpp.
      if (route.kind == http::route_kind::websocket && caller.is == kind::nobody)
        wanted = 0;
      const auto given = through.ask(route, caller);
      const bool right =
        wanted == 0 ? given.status != 401 && given.status != 403 && given.status != 0 : given.status == wanted;
      if (!right)
        MESSAGE(name << " as " << caller.name << ": " << given.status << " instead of " << wanted);
      CHECK(right);
      // The caller's own resource is found, not only not forbidden.
      if (expected_rights.at(name) == "own" && wanted == 0)
        CHECK(given.status == 200u || given.status == 202u);
      if (given.status == 401)
        CHECK(given.header("WWW-Authenticate").starts_with("Bearer realm=\"waybill\""));
    }
  }
  for (const auto& [name, allowed] : expected_rights)
    CHECK(walked.contains(name));
}

SCENARIO("the answer tells an invalid token from a missing right") {
  walk through;
  const auto of = [&](const std::string& name) {
    for (const auto& caller : through.callers)
      if (caller.name == name)
        return through.gateway->send("GET", "/v1/users", "", caller.headers);
    return answer{};
  };
  CHECK_EQ(of("nobody").header("WWW-Authenticate"), R"(Bearer realm="waybill")");
  CHECK_EQ(of("nobody").text("code"), "unauthenticated");
  CHECK_EQ(of("expired").header("WWW-Authenticate"), R"(Bearer realm="waybill", error="invalid_token")");
  CHECK_EQ(of("basic").header("WWW-Authenticate"), R"(Bearer realm="waybill")");
  CHECK_EQ(of("empty bearer").header("WWW-Authenticate"), R"(Bearer realm="waybill")");
  CHECK_EQ(of("customer").status, 403u);
  CHECK_EQ(of("customer").text("code"), "forbidden");
  CHECK_EQ(of("customer").header("WWW-Authenticate"), R"(Bearer realm="waybill", error="insufficient_scope")");
}

SCENARIO("a browser without a token gets the page of a scenario, and nothing else that is not public") {
  walk through;
  const header_list browser{{"Accept", "text/html,application/xhtml+xml,*/*;q=0.8"}};
  const auto page = through.gateway->send("GET", "/scenario/1", "", browser);
  CHECK_EQ(page.status, 200u);
  CHECK_EQ(page.header("Content-Type"), "text/html; charset=utf-8");
  CHECK_EQ(through.gateway->send("GET", "/scenario/1", "", {{"Accept", "application/json"}}).status, 401u);
  for (const auto* path : {"/v1/scenarios", "/v1/orders", "/v1/me", "/v1/cluster"})
    CHECK_EQ(through.gateway->send("GET", path, "", browser).status, 401u);
  CHECK_EQ(through.gateway->send("POST", "/v1/scenarios/1/runs", "", browser).status, 401u);
}

SCENARIO("lists and events are those of the caller, and of everybody for an operator") {
  walk through;
  auto& gateway = *through.gateway;
  gateway.log_event("order.placed", "ord_1");
  {
    const std::lock_guard guard{gateway.state->mutex};
    gateway.state->log.back().customer = "cus_00000000000000000001";
  }
  const auto count = [&](const std::string& name, const std::string& path) {
    for (const auto& caller : through.callers)
      if (caller.name == name)
        return gateway.send("GET", path, "", caller.headers).json().at("items").as_array().size();
    return std::size_t{99};
  };
  CHECK_EQ(count("customer", "/v1/events"), 1u);
  CHECK_EQ(count("operator", "/v1/events"), 1u);
  CHECK_EQ(count("observer", "/v1/events"), 1u);
  CHECK_EQ(count("another customer", "/v1/events"), 0u);
  CHECK_EQ(count("courier", "/v1/events"), 0u);
  CHECK_EQ(count("another customer", "/v1/events?customer=cus_00000000000000000001"), 0u);
  count("another customer", "/v1/orders?customer_id=cus_00000000000000000001");
  CHECK_EQ(gateway.state->order_lists.back().customer, "cus_00000000000000000002");
  const std::string told = "/v1/notifications?customer_id=cus_00000000000000000001";
  count("another customer", told);
  CHECK_EQ(gateway.state->notification_lists.back().customer, "cus_00000000000000000002");
  for (const auto* name : {"operator", "observer"}) {
    count(name, "/v1/orders?q=ada");
    CHECK_EQ(gateway.state->order_lists.back().customer, "");
    count(name, told);
    CHECK_EQ(gateway.state->notification_lists.back().customer, "cus_00000000000000000001");
  }
  count("operator", "/v1/notifications");
  CHECK_EQ(gateway.state->notification_lists.back().customer, "cus_00000000000000000004");
}

SCENARIO("docs/rights.md is the routing table") {
  const std::string path = WAYBILL_TEST_SOURCE "/docs/rights.md";
  if (std::getenv("WAYBILL_TEST_WRITE_DOCS") != nullptr)
    std::ofstream{path} << rights_page();
  CHECK((std::string{std::istreambuf_iterator<char>{std::ifstream{path}.rdbuf()}, {}}) == rights_page());
}
