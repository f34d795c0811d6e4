#include "domain/bulk/bulk_action.hpp"
#include "domain/courier.hpp"
#include "domain/delivery.hpp"
#include "domain/function/function.hpp"
#include "domain/order/order.hpp"
#include "domain/payment.hpp"
#include "domain/product.hpp"
#include "domain/user.hpp"
#include "domain/webhook/endpoint.hpp"
#include "gateway/routes/router.hpp"
#include "tests/gateway/support/support.hpp"

#include <boost/describe/members.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/mp11/algorithm.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#define CAF_SUITE gateway.api_document
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

// Compares the documents with the code: they have every route and every event, and nothing else. tests/contract
// compares the answers with them.

namespace {

namespace json = boost::json;

std::string word_of(http::access right) {
  switch (right) {
    case http::access::everybody: return "everybody";
    case http::access::user: return "user";
    case http::access::owner: return "owner";
    case http::access::customer: return "customer";
    case http::access::courier: return "courier";
    case http::access::provider: return "provider";
    case http::access::observer: return "observer";
    case http::access::staff: return "operator";
    case http::access::admin: return "admin";
  }
  return {};
}

std::string name_of(const http::route& route) {
  return std::string{http::method_name(route.method)} + ' ' + std::string{route.pattern};
}

/// `GET /v1/orders` and so on with the operation of the document.
std::map<std::string, json::object> operations_of(const json::value& document) {
  std::map<std::string, json::object> operations;
  for (const auto& [path, item] : document.at("paths").as_object())
    for (std::string method : {"get", "put", "post", "delete", "patch", "head", "options"})
      if (const auto* operation = item.as_object().if_contains(method)) {
        for (auto& c : method)
          c = static_cast<char>(c - 'a' + 'A');
        operations[method + ' ' + std::string{path}] = operation->as_object();
      }
  return operations;
}

/// Whether the member is stored but never shown.
bool is_secret(std::string_view type, std::string_view member) {
  const bool has_fingerprint =
    type == "order.placed" || type == "order.payment_provided" || type == "bulk_action.started";
  return (has_fingerprint && member == "fingerprint") || (type == "payment.intent_recorded" && member == "token")
         || (type.starts_with("user.session_") && member.ends_with("_hash"));
}

/// The members of each type of event, as they are in the log for everybody to read.
template <class... Variants>
std::map<std::string, std::set<std::string>> events_of_domain() {
  std::map<std::string, std::set<std::string>> members_by_type;
  boost::mp11::mp_for_each<boost::mp11::mp_transform<std::type_identity, boost::mp11::mp_append<Variants...>>>(
    [&](auto tag) {
      using event = typename decltype(tag)::type;
      auto& members = members_by_type[std::string{event::type}];
      boost::mp11::mp_for_each<boost::describe::describe_members<event, boost::describe::mod_any_access>>(
        [&](auto member) {
          if (!is_secret(event::type, member.name))
            members.insert(member.name);
        });
    });
  return members_by_type;
}

/// Where generators read an object without a single member: a schema that names none, and says neither that there may
/// be others nor that there are none.
void find_empty_objects(const json::value& node, const std::string& place, std::ostream& places) {
  if (const auto* array = node.if_array()) {
    for (std::size_t i = 0; i < array->size(); ++i)
      find_empty_objects((*array)[i], place + '/' + std::to_string(i), places);
    return;
  }
  const auto* object = node.if_object();
  if (object == nullptr)
    return;
  const auto* type = object->if_contains("type");
  if (type != nullptr && *type == "object" && !object->contains("properties")
      && !object->contains("additionalProperties") && !object->contains("maxProperties"))
    places << place << '\n';
  for (const auto& [name, part] : *object)
    find_empty_objects(part, place + '/' + std::string{name}, places);
}

/// Whether all that the operation answers is for browsers.
bool is_for_browsers(const json::object& operation) {
  const auto* answer = operation.at("responses").as_object().if_contains("200");
  const auto* types = answer == nullptr ? nullptr : answer->as_object().if_contains("content");
  return types != nullptr && std::ranges::all_of(types->as_object(), [](const auto& type) {
           return type.key() == "text/html" || type.key() == "text/css" || type.key() == "text/javascript"
                  || type.key() == "image/svg+xml";
         });
}

} // namespace

SCENARIO("E5: pages, files and documents are apart from the API, so that generated clients leave them out") {
  fixture f;
  std::set<std::string> apart;
  for (const auto& [name, operation] : operations_of(f.send("GET", "/openapi.json").json())) {
    const auto* internal = operation.if_contains("x-internal");
    const bool is_apart = internal != nullptr && internal->as_bool();
    CHECK_EQ(is_apart, operation.at("tags") == json::value(json::array{"Pages"}));
    CHECK(is_apart || !is_for_browsers(operation));
    if (is_apart)
      apart.insert(name);
  }
  CHECK_EQ(apart, (std::set<std::string>{"GET /", "GET /shop", "GET /shop/{path}", "GET /courier",
                                         "GET /courier/{path}", "GET /console", "GET /console/{path}", "GET /scenarios",
                                         "GET /web/assets/{id}", "GET /web/elements/{id}", "GET /docs",
                                         "GET /assets/{id}", "GET /openapi.json", "GET /asyncapi.json"}));
}

SCENARIO("E5: no schema makes a generator read an object with free members as an empty one") {
  fixture f;
  for (const std::string path : {"/openapi.json", "/asyncapi.json"}) {
    const auto document = f.send("GET", path).json();
    std::ostringstream places;
    find_empty_objects(document, "", places);
    CHECK_EQ(places.str(), "");
    const auto& event = document.at("components").at("schemas").at("Event");
    CHECK(event.at("properties").at("data").at("additionalProperties").as_bool());
  }
}

SCENARIO("E5: the document describes webhooks, optional bodies, and enumerations that may grow") {
  fixture f;
  const auto document = f.send("GET", "/openapi.json").json();
  for (const auto* message : {"event", "test"}) {
    const auto& sent = document.at("webhooks").at(message).at("post").as_object();
    CHECK_EQ(sent.at("parameters").as_array().size(), 3u);
    CHECK(sent.at("responses").as_object().contains("2XX"));
  }
  const auto cancel = operations_of(document).at("POST /v1/orders/{id}/cancel");
  const auto body = std::string{cancel.at("requestBody").at("$ref").as_string()};
  CHECK(!document.at_pointer(body.substr(1)).at("required").as_bool());
  for (const auto* grows : {"OrderStatus", "DeliveryStatus", "ProblemCode", "Role"})
    CHECK(document.at("components").at("schemas").at(grows).as_object().contains("x-extensible-enum"));
  CHECK_NE(document.at("info").at("description").as_string().find("x-extensible-enum"), json::string::npos);
}

SCENARIO("the OpenAPI document has every route of the table with its right, and no other") {
  fixture f;
  std::ostringstream wrong;
  auto documented = operations_of(f.send("GET", "/openapi.json").json());
  for (const auto& route : http::all_routes()) {
    const auto name = name_of(route);
    const auto found = documented.find(name);
    if (found == documented.end()) {
      wrong << "not in gateway/openapi.yaml: " << name << '\n';
      continue;
    }
    const auto& operation = found->second;
    const auto* access = operation.if_contains("x-access");
    if (access == nullptr || access->as_string() != word_of(route.right))
      wrong << "another right in gateway/openapi.yaml: " << name << ", which is for " << word_of(route.right) << '\n';
    const auto* asks = operation.if_contains("x-asks-account");
    if (route.asks_account != (asks != nullptr && asks->as_bool()))
      wrong << "x-asks-account in gateway/openapi.yaml: " << name << '\n';
    const bool open = route.right == http::access::everybody || route.right == http::access::provider;
    const auto* security = operation.if_contains("security");
    if (open != (security != nullptr && security->as_array().empty()))
      wrong << "security in gateway/openapi.yaml: " << name << '\n';
    const auto& responses = operation.at("responses").as_object();
    if (!open && (!responses.contains("401") || !responses.contains("403")))
      wrong << "no 401 and 403 in gateway/openapi.yaml: " << name << '\n';
    documented.erase(found);
  }
  for (const auto& [name, operation] : documented)
    wrong << "in gateway/openapi.yaml, but nobody serves it: " << name << '\n';
  CHECK_EQ(wrong.str(), "");
}

SCENARIO("the AsyncAPI document has all events of the domain with all their members") {
  fixture f;
  const auto document = f.send("GET", "/asyncapi.json").json();
  const auto& schemas = document.at("components").at("schemas").as_object();
  std::map<std::string, std::set<std::string>> documented;
  for (const auto& alternative : schemas.at("Event").at("oneOf").as_array()) {
    const auto reference = std::string{alternative.at("$ref").as_string()};
    const auto& schema = schemas.at(reference.substr(reference.rfind('/') + 1)).at("properties");
    auto& members = documented[std::string{schema.at("type").at("const").as_string()}];
    if (const auto* properties = schema.at("data").as_object().if_contains("properties"))
      for (const auto& [name, value] : properties->as_object())
        members.insert(name);
  }
  std::ostringstream wrong;
  const auto real = events_of_domain<order::event, payment::event, product::event, delivery::event, courier::event,
                                     user::event, webhook::event, bulk::event, function::event>();
  CHECK(real.size() > 40);
  for (const auto& [type, members] : real)
    if (!documented.contains(type) || documented.at(type) != members)
      wrong << "not, or not so, in gateway/asyncapi.yaml: " << type << '\n';
  CHECK_EQ(wrong.str(), "");
}

SCENARIO("the documents and their page are served as files that clients can cache") {
  fixture f;
  for (const std::string path :
       {"/openapi.json", "/asyncapi.json", "/docs", "/", "/scenarios", "/assets/docs.js", "/assets/docs.css"}) {
    const auto got = f.send("GET", path);
    CHECK_EQ(got.status, 200u);
    CHECK_EQ(got.header("Cache-Control"), "no-cache");
    const auto tag = got.header("ETag");
    CHECK_EQ(tag.size(), 18u);
    const auto again = f.send("GET", path, "", {{"If-None-Match", tag}});
    CHECK_EQ(again.status, 304u);
    CHECK_EQ(again.header("ETag"), tag);
    CHECK_EQ(f.send("GET", path, "", {{"If-None-Match", "\"0000000000000000\""}}).status, 200u);
    CHECK_EQ(f.send("HEAD", path).header("ETag"), tag);
  }
  CHECK_EQ(f.send("GET", "/openapi.json").header("Content-Type"), "application/json");
  CHECK_EQ(f.send("GET", "/docs").header("Content-Type"), "text/html; charset=utf-8");
  CHECK_EQ(f.send("GET", "/openapi.json").json().at("openapi").as_string(), "3.1.0");
  CHECK_EQ(f.send("GET", "/openapi.json").json().at("info").at("version").as_string(), WAYBILL_VERSION);
  CHECK_EQ(f.send("GET", "/asyncapi.json").json().at("asyncapi").as_string(), "3.0.0");
}

SCENARIO("large answers are compressed for clients that accept it") {
  fixture f;
  const auto plain = f.send("GET", "/openapi.json");
  CHECK_EQ(plain.header("Content-Encoding"), "");
  CHECK_EQ(plain.header("Vary"), "Accept-Encoding");
  for (const std::string takes : {"gzip", "gzip, deflate, br", "br;q=1.0, gzip;q=0.5", "*"}) {
    const auto packed = f.send("GET", "/openapi.json", "", {{"Accept-Encoding", takes}});
    CHECK_EQ(packed.header("Content-Encoding"), "gzip");
    CHECK(packed.body.starts_with("\x1f\x8b"));
    CHECK(packed.body.size() < plain.body.size() / 4);
    CHECK_NE(packed.header("ETag"), plain.header("ETag"));
  }
  for (const std::string refuses : {"", "identity", "gzip;q=0", "br", "gzip;q=0.000"})
    CHECK_EQ(f.send("GET", "/openapi.json", "", {{"Accept-Encoding", refuses}}).header("Content-Encoding"), "");
  CHECK_EQ(f.send("GET", "/assets/openapi.json.gz").status, 404u);
}
