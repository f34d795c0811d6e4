#include "tracing/otlp.hpp"

#include "tests/support/span_collector.hpp"

#define CAF_SUITE tracing.otlp
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::tracing;

namespace {

timestamp at(std::int64_t microseconds) {
  return timestamp{std::chrono::microseconds{1'700'000'000'000'000 + microseconds}};
}

std::vector<span> two_spans() {
  const trace_context parent{{0x0af7651916cd43dd, 0x8448eb211c80319c}, 0x00f067aa0ba902b7, true};
  auto first = child_of(parent, 0xb7ad6b7169203331, "order.placed", at(1));
  first.parent_is_remote = true;
  first.ended = at(2'001);
  first.set("waybill.stream", "ord_1");
  first.set("waybill.stream.version", std::int64_t{-3});
  first.attributes.push_back({"good", true});
  first.events.push_back({"commit", at(2'000), {{"n", std::int64_t{300}}}});
  first.failed = true;
  first.failure = "no";
  auto second = child_of(parent, first.id, "GET", at(0));
  second.parent = 0;
  second.kind = span_kind::server;
  second.ended = at(-5);
  return {first, second};
}

std::string hex(std::string_view text) {
  constexpr const char* digits = "0123456789abcdef";
  std::string out;
  for (const char c : text) {
    out += digits[static_cast<unsigned char>(c) / 16];
    out += digits[static_cast<unsigned char>(c) % 16];
  }
  return out;
}

} // namespace

// Made by protoc 3.21 from the text of the same request and opentelemetry-proto's own files.
SCENARIO("an encoded request is identical to that of protoc") {
  const std::string version = WAYBILL_VERSION;
  REQUIRE_EQ(version.size(), 5u);
  CHECK_EQ(
    hex(encode_request({{"service.name", "waybill"}}, two_spans())),
    "0adc020a1b0a190a0c736572766963652e6e616d6512090a0777617962696c6c1293020a100a0777617962696c6c1205" + hex(version)
      + "12c1010a100af7651916cd43dd8448eb211c80319c1208b7ad6b7169203331220800f067aa0ba902b72a0c6f726465722e706c616365"
        "64300139e8032a36fe9c97174168884836fe9c97174a190a0e77617962696c6c2e73747265616d12070a056f72645f314a250a167761"
        "7962696c6c2e73747265616d2e76657273696f6e120b18fdffffffffffffffff014a0a0a04676f6f64120210015a1b0980844836fe9c"
        "97171206636f6d6d69741a080a016e120318ac027a0612026e6f1802850101030000123b0a100af7651916cd43dd8448eb211c80319c"
        "1208b7ad6b71692033312a0347455430023900002a36fe9c97174100002a36fe9c97178501010100001a2768747470733a2f2f6f7065"
        "6e74656c656d657472792e696f2f736368656d61732f312e33302e30");
}

SCENARIO("the decoder of the tests reads encoded requests") {
  const auto spans = test::decode_spans(encode_request({{"service.name", "waybill"}}, two_spans()));
  REQUIRE_EQ(spans.size(), 2u);
  CHECK_EQ(spans[0].trace, "0af7651916cd43dd8448eb211c80319c");
  CHECK_EQ(spans[0].parent, "00f067aa0ba902b7");
  CHECK_EQ(spans[0].attributes.at("waybill.stream.version"), "-3");
  CHECK_EQ(spans[0].attributes.at("good"), "true");
  CHECK_EQ(spans[0].events.at(0).attributes.at("n"), "300");
  CHECK(spans[0].failed);
  CHECK_EQ(spans[0].failure, "no");
  CHECK_EQ(spans[0].resource.at("service.name"), "waybill");
  CHECK_EQ(spans[1].parent, "");
  CHECK_EQ(spans[1].kind, 2u);
  // The clock was set back: it ends when it began.
  CHECK_EQ(spans[1].ended, spans[1].begun);
}

SCENARIO("an answer says how many spans were rejected") {
  using namespace std::string_view_literals;
  CHECK_EQ(rejected_spans("\x0a\x07\x08\xac\x02\x12\x02no"sv), 300u);
  CHECK_EQ(rejected_spans(""), 0u);
  // Another field before it, a message only, nonsense.
  CHECK_EQ(rejected_spans("\x10\x05\x0a\x02\x08\x07"sv), 7u);
  CHECK_EQ(rejected_spans("\x0a\x04\x12\x02no"sv), 0u);
  for (const auto text :
       {"\x0a"sv, "\x0a\x09"sv, "{\"partialSuccess\":{}}"sv, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"sv})
    CHECK_EQ(rejected_spans(text), 0u);
}
