#include "domain/base/time.hpp"

#define CAF_SUITE domain.time
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;

namespace {

std::string reread(std::string_view text) {
  const auto time = parse_rfc3339(text);
  return time ? to_rfc3339(*time) : "not a time";
}

} // namespace

SCENARIO("a time that is written is read back unchanged") {
  CHECK_EQ(reread("2026-11-21T03:40:22.000001Z"), "2026-11-21T03:40:22.000001Z");
  CHECK_EQ(reread("1969-12-31T23:59:59.999999Z"), "1969-12-31T23:59:59.999999Z");
  const auto time = now();
  CHECK(parse_rfc3339(to_rfc3339(time)) == time);
}

SCENARIO("offsets and fractions of any length are understood") {
  CHECK_EQ(reread("2024-02-29T23:30:00.5-01:30"), "2024-03-01T01:00:00.500000Z");
  CHECK_EQ(reread("2024-02-29T00:00:00.123456789z"), "2024-02-29T00:00:00.123456Z");
}

SCENARIO("a text that is not RFC 3339 is refused") {
  for (const auto* text : {"", "2026-11-21", "2026-11-21T03:40:22", "2026-02-29T00:00:00Z", "2026-11-21T24:00:00Z",
                           "2026-11-21T03:40:22.Z", "2026-11-21T03:40:22Zx", "2026-11-21T03:40:22+24:00"})
    CHECK_EQ(reread(text), "not a time");
}
