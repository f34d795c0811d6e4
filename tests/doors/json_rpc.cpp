#include "doors/rpc/json_rpc.hpp"

#include "doors/rpc/methods.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#define CAF_SUITE doors.json_rpc
#include <caf/test/bdd_dsl.hpp>

using namespace waybill::rpc;

namespace {

/// The word of the fault of the first call; empty when it was read.
std::string word_of(const std::string& text) {
  const auto request = read_json_request(text);
  const auto* wrong = std::get_if<fault>(&request.calls.at(0).read);
  return wrong == nullptr ? "" : wrong->word;
}

call call_of(std::string method, const std::string& parameters) {
  const auto value = boost::json::parse(parameters);
  if (value.is_array())
    return {std::move(method), value.get_array()};
  return {std::move(method), value.get_object()};
}

/// The arguments with commas, or the detail of the fault.
std::string bound(const std::string& method, const std::string& parameters) {
  const auto bound = bind(*find_method(method), call_of(method, parameters));
  if (const auto* wrong = std::get_if<fault>(&bound))
    return wrong->detail;
  std::string text;
  for (const auto& argument : std::get<0>(bound))
    text += (text.empty() ? "" : ",") + argument;
  return text;
}

std::string described(const std::string& method, const std::vector<std::string>& arguments) {
  const auto outcome = describe(*find_method(method), arguments);
  if (const auto* wrong = std::get_if<fault>(&outcome))
    return wrong->word;
  return boost::json::serialize(std::get<boost::json::value>(outcome));
}

} // namespace

SCENARIO("calls are read with parameters by position, by name or none") {
  const auto positional = read_json_request(R"({"jsonrpc":"2.0","method":"m","params":["a"],"id":1})");
  CHECK(!positional.is_batch);
  CHECK_EQ(std::get<call>(positional.calls.at(0).read).method, "m");
  CHECK_EQ(*positional.calls.at(0).id, boost::json::value(1));
  const auto named = read_json_request(R"({"jsonrpc":"2.0","method":"m","params":{"x":"a"},"id":"q"})");
  CHECK_EQ(std::get<boost::json::object>(std::get<call>(named.calls.at(0).read).parameters).at("x"), "a");
  CHECK_EQ(word_of(R"({"jsonrpc":"2.0","method":"m","id":null})"), "");
}

SCENARIO("a call without an id is a notification, and an invalid call is answered with the id null") {
  CHECK(!read_json_request(R"({"jsonrpc":"2.0","method":"m"})").calls.at(0).id.has_value());
  const auto broken = read_json_request(R"({"jsonrpc":"1.0","method":"m"})");
  CAF_REQUIRE(broken.calls.at(0).id.has_value());
  CHECK(broken.calls.at(0).id->is_null());
}

SCENARIO("an invalid call is told apart from invalid JSON") {
  CHECK_EQ(word_of("{"), "parse_error");
  CHECK_EQ(word_of(""), "parse_error");
  CHECK_EQ(word_of(R"({"jsonrpc":"2.0","method":"m","method":"n","id":1})"), "parse_error");
  CHECK_EQ(word_of("[]"), "invalid_request");
  CHECK_EQ(word_of("1"), "invalid_request");
  CHECK_EQ(word_of(R"({"method":"m","id":1})"), "invalid_request");
  CHECK_EQ(word_of(R"({"jsonrpc":"2.0","method":1,"id":1})"), "invalid_request");
  CHECK_EQ(word_of(R"({"jsonrpc":"2.0","method":"m","params":"a","id":1})"), "invalid_request");
  CHECK_EQ(word_of(R"({"jsonrpc":"2.0","method":"m","id":{}})"), "invalid_request");
  CHECK_EQ(word_of(R"({"jsonrpc":"2.0","method":"m","id":1,"more":1})"), "invalid_request");
}

SCENARIO("a batch is bounded, and each of its calls is checked by itself") {
  const auto batch = read_json_request(R"([{"jsonrpc":"2.0","method":"m","id":1},7,{"jsonrpc":"2.0","method":"n"}])");
  CHECK(batch.is_batch);
  CAF_REQUIRE_EQUAL(batch.calls.size(), 3u);
  CHECK(std::holds_alternative<call>(batch.calls[0].read));
  CHECK(std::holds_alternative<fault>(batch.calls[1].read));
  CHECK(!batch.calls[2].id.has_value());
  std::string many = "[";
  for (std::size_t i = 0; i <= most_calls; ++i)
    many += std::string{i == 0 ? "" : ","} + R"({"jsonrpc":"2.0","method":"m","id":1})";
  CHECK_EQ(word_of(many + "]"), "invalid_request");
  CHECK_EQ(read_json_request(many + "]").calls.size(), 1u);
}

SCENARIO("answers carry the id, and a result or an error") {
  CHECK_EQ(boost::json::serialize(to_json_response("q", boost::json::value(true))),
           R"({"jsonrpc":"2.0","result":true,"id":"q"})");
  CHECK_EQ(
    boost::json::serialize(to_json_response(nullptr, fault{fault_code::not_found, "not_found", "no order"})),
    R"({"jsonrpc":"2.0","error":{"code":4040,"message":"not_found: no order","data":{"code":"not_found"}},"id":null})");
}

SCENARIO("parameters match by position and by name; missing, wrong and extra ones are named") {
  CHECK_EQ(bound("process_payment", R"(["ord_1","tok_ok"])"), "ord_1,tok_ok");
  CHECK_EQ(bound("process_payment", R"(["ord_1"])"), "ord_1");
  CHECK_EQ(bound("process_payment", R"(["ord_1",null])"), "ord_1");
  CHECK_EQ(bound("process_payment", R"({"token":"tok_ok","order_id":"ord_1"})"), "ord_1,tok_ok");
  CHECK_EQ(bound("process_payment", "[]"), "order_id is missing");
  CHECK_EQ(bound("process_payment", "[null]"), "order_id must be a string");
  CHECK_EQ(bound("process_payment", "[7]"), "order_id must be a string");
  CHECK_EQ(bound("process_payment", R"([""])"), "order_id must have 1 to 200 octets");
  CHECK_EQ(bound("process_payment", R"(["a","b","c"])"), "there are too many parameters");
  CHECK_EQ(bound("process_payment", R"({"order":"a"})"), "there is no parameter 'order'");
  CHECK_EQ(bound("system.listMethods", "[1]"), "there are too many parameters");
}

SCENARIO("the methods describe themselves") {
  CHECK_EQ(described("system.listMethods", {}), R"(["process_payment","payment_status","system.listMethods",)"
                                                R"("system.methodSignature","system.methodHelp"])");
  CHECK_EQ(described("system.methodSignature", {"process_payment"}),
           R"([["struct","string"],["struct","string","string"]])");
  CHECK_EQ(described("system.methodSignature", {"system.listMethods"}), R"([["array"]])");
  CHECK(described("system.methodHelp", {"payment_status"}).starts_with("\"How the payment"));
  CHECK_EQ(described("system.methodHelp", {"none"}), "method_not_found");
}
