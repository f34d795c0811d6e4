#include "doors/rpc/xml_rpc.hpp"

#include "doors/rpc/xml_tree.hpp"

#include <boost/json/serialize.hpp>

#define CAF_SUITE doors.xml_rpc
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::rpc;

namespace {

std::string call_with(const std::string& parameters, const std::string& method = "process_payment") {
  return "<?xml version='1.0'?>\n<methodCall>\n<methodName>" + method + "</methodName>\n<params>\n" + parameters
         + "</params>\n</methodCall>\n";
}

std::string parameter(const std::string& typed) {
  return "<param>\n<value>" + typed + "</value>\n</param>\n";
}

/// The parameters as JSON, or the word and the detail of the fault.
std::string read(const std::string& text) {
  const auto read = read_xml_call(text);
  if (const auto* wrong = std::get_if<fault>(&read))
    return wrong->word + ": " + wrong->detail;
  return boost::json::serialize(std::get<boost::json::array>(std::get<call>(read).parameters));
}

bool refuses(const std::string& text, const std::string& word) {
  const auto outcome = read(text);
  MESSAGE(outcome);
  return outcome.starts_with(word + ": ");
}

std::string nested(std::size_t levels) {
  std::string open;
  std::string close;
  for (std::size_t i = 0; i < levels; ++i) {
    open += "<array><data><value>";
    close += "</value></data></array>";
  }
  return open + "x" + close;
}

} // namespace

SCENARIO("a call as Python's client writes it is read") {
  CHECK_EQ(read(call_with(parameter("<string>ord_1</string>") + parameter("<string>tok_ok</string>"))),
           R"(["ord_1","tok_ok"])");
  const auto whole = read_xml_call(call_with(""));
  CHECK_EQ(std::get<call>(whole).method, "process_payment");
  CHECK_EQ(read("<methodCall><methodName> system.listMethods </methodName></methodCall>"), "[]");
}

SCENARIO("every type that a method may take is read; a value without a type is a string") {
  CHECK_EQ(read(call_with(parameter("plain") + parameter("") + parameter("<int> 7 </int>") + parameter("<i4>-7</i4>")
                          + parameter("<i8>+9000000000</i8>") + parameter("<boolean>1</boolean>")
                          + parameter("<double>2.5</double>") + parameter("<nil/>"))),
           R"(["plain","",7,-7,9000000000,true,2.5E0,null])");
  CHECK_EQ(read(call_with(parameter("<array><data><value>a</value><value><int>1</int></value></data></array>"))),
           R"([["a",1]])");
  CHECK_EQ(read(call_with(parameter("<struct><member><name>a</name><value>b</value></member></struct>"))),
           R"([{"a":"b"}])");
  CHECK_EQ(read(call_with(parameter("<string>a &lt; b &amp; &#x263A;</string>"))), "[\"a < b & \xE2\x98\xBA\"]");
}

SCENARIO("an invalid call is a fault with the reason") {
  CHECK(refuses("", "parse_error"));
  CHECK(refuses("{}", "parse_error"));
  CHECK(refuses("<methodCall><methodName>a</methodName>", "parse_error"));
  CHECK(refuses("<methodCall><methodName>a</methodName></methodCall><more/>", "parse_error"));
  CHECK(refuses("<methodCall><methodName>\xFF</methodName></methodCall>", "parse_error"));
  CHECK(refuses("<methodCall/>", "invalid_request"));
  CHECK(refuses("<call><methodName>a</methodName></call>", "invalid_request"));
  CHECK(refuses("<methodCall><methodName>a</methodName><parameters/></methodCall>", "invalid_request"));
  CHECK(refuses(call_with("<param/>"), "invalid_request"));
  CHECK(refuses(call_with(parameter("<int>seven</int>")), "invalid_request"));
  CHECK(refuses(call_with(parameter("<int>99999999999999999999</int>")), "invalid_request"));
  CHECK(refuses(call_with(parameter("<boolean>2</boolean>")), "invalid_request"));
  CHECK(refuses(call_with(parameter("<double>nan</double>")), "invalid_request"));
  CHECK(refuses(call_with(parameter("<string>a</string><string>b</string>")), "invalid_request"));
  CHECK(refuses(call_with(parameter("text<string>a</string>")), "invalid_request"));
  CHECK(refuses(call_with(parameter("<struct><member><name>a</name></member></struct>")), "invalid_request"));
  CHECK(refuses(call_with(parameter("<base64>QUJD</base64>")), "invalid_parameters"));
  CHECK(refuses(call_with(parameter("<dateTime.iso8601>20260101T00:00:00</dateTime.iso8601>")), "invalid_parameters"));
}

SCENARIO("a document type is refused, and with it every entity that expands or names a file") {
  const std::string bomb = R"(<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">)"
                           R"(<!ENTITY c "&b;&b;&b;&b;">]><methodCall><methodName>&c;</methodName></methodCall>)";
  CHECK_EQ(read(bomb), "parse_error: a document type is not taken");
  CHECK_EQ(read(R"(<!DOCTYPE a SYSTEM "file:///etc/passwd"><methodCall><methodName>a</methodName></methodCall>)"),
           "parse_error: a document type is not taken");
  CHECK(refuses("<methodCall><methodName>&unknown;</methodName></methodCall>", "parse_error"));
}

SCENARIO("a call that is nested too deep, or has too many parts, is refused during parsing") {
  CHECK(read(call_with(parameter(nested(3)))) == R"([[[["x"]]]])");
  CHECK_EQ(read(call_with(parameter(nested(50'000)))), "parse_error: it is nested too deep");
  std::string many;
  for (int i = 0; i < 10'001; ++i)
    many += "<value/>";
  CHECK_EQ(read(call_with(parameter("<array><data>" + many + "</data></array>"))),
           "parse_error: it has too many elements");
  CHECK_EQ(read("<methodCall a='1'/>"), "parse_error: an element must not have attributes");
}

SCENARIO("results and faults that are written are read back unchanged") {
  const boost::json::value value{{"text", "a < b & c\r\n\x01"}, {"small", 7},
                                 {"large", 9'000'000'000},      {"yes", true},
                                 {"nothing", nullptr},          {"list", {"a", 1.5}}};
  const auto text = write_xml_response(value);
  CHECK(text.find("<i8>9000000000</i8>") != std::string::npos);
  CHECK(text.find("<int>7</int>") != std::string::npos);
  const auto tree = read_xml(text);
  CAF_REQUIRE(tree.has_value());
  const auto begin = text.find("<value>");
  const auto end = text.rfind("</param>");
  CHECK_EQ(read(call_with("<param>" + text.substr(begin, end - begin) + "</param>")),
           "[{\"text\":\"a < b & c\\r\\n\xEF\xBF\xBD\",\"small\":7,\"large\":9000000000,\"yes\":true,"
           "\"nothing\":null,\"list\":[\"a\",1.5E0]}]");
  const auto failed = write_xml_response(fault{fault_code::not_found, "not_found", "there is no <order>"});
  CHECK(failed.find("<name>faultCode</name><value><int>4040</int></value>") != std::string::npos);
  CHECK(failed.find("not_found: there is no &lt;order&gt;") != std::string::npos);
}
