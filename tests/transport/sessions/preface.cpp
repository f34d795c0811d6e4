#include "transport/sessions/preface.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#define CAF_SUITE transport.preface
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;

SCENARIO("a preface is sixteen bytes: protocol, version, kind, and the user in network order") {
  const auto bytes = to_bytes({preface::kind::refuses_user, 0x0102FFFE});
  CHECK_EQ(std::string(bytes.data(), bytes.size()), std::string("waybill\1\3\0\0\0\1\2\xFF\xFE", 16));
}

SCENARIO("a written preface is read back unchanged") {
  for (const auto meaning :
       {preface::kind::hello, preface::kind::trusts, preface::kind::refuses_user, preface::kind::refuses_unknown})
    for (const std::uint32_t user : {0U, 65'534U, 0xFFFF'FFFEU}) {
      const auto heard = parse_preface(to_bytes({meaning, user}));
      CAF_REQUIRE(heard.has_value());
      CHECK(heard->meaning == meaning);
      CHECK_EQ(heard->user, user);
    }
}

SCENARIO("a preface of another protocol, another version or an unknown kind is refused") {
  const auto good = to_bytes({preface::kind::hello, 1});
  CHECK(parse_preface(good).has_value());
  // All but the user's number is fixed.
  for (std::size_t at = 0; at < 12; ++at)
    for (const char other : {'\0', '\x05', '\x16', '\xFF'}) {
      auto bytes = good;
      if (std::exchange(bytes[at], other) == other)
        continue;
      CAF_MESSAGE("byte " << at << " as " << static_cast<int>(other));
      CHECK(!parse_preface(bytes));
    }
  CHECK(!parse_preface(preface_bytes{}));
}
