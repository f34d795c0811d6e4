#include "domain/text/unicode.hpp"

#define CAF_SUITE domain.unicode
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace std::string_literals;

SCENARIO("control characters are those of Unicode, and those that hide text or turn its direction") {
  for (const auto& bad : {"\0"s, "a\n"s, "\x7f"s, "\u0085"s, "a\u009b31m"s, "\u202egnp.exe"s, "\u2066x\u2069"s,
                          "\u2028"s, "\u2029"s, "\u206a"s, "Ann\u206fe"s, "\U000e0001"s, "\ufeff"s, "\ufffa"s,
                          "\uffff"s, "\ufdd0"s, "\U0001fffe"s, "\xff"s, "\xc2"s})
    CHECK(has_control_characters(bad));
  for (const auto& good :
       {""s, "Zo\u00eb \u0141ukasz"s, "\u05d0\u200f!"s, "\u0628\u061c1"s, "a\u200eb"s,
        "\u0646\u0645\u06cc\u200c\u062e"s, "\U0001f469\u200d\U0001f373"s, "soft\u00adhyphen"s, "\u00a0"s})
    CHECK(!has_control_characters(good));
}

SCENARIO("a text of blanks and invisible characters counts as blank") {
  for (const auto& blank :
       {""s, " "s, "\u00a0\u2003\u3000"s, "\u200b"s, "\u200d\u200c"s, "\u00ad"s, "\u2060"s, "\u3164"s, "\u2800"s})
    CHECK(!has_visible_characters(blank));
  for (const auto& seen : {"a"s, " . "s, "\u200b-"s, "\U0001f600"s, "\u4e2d"s})
    CHECK(has_visible_characters(seen));
}

SCENARIO("D2: control sequences for a terminal are written as visible text") {
  CHECK_EQ(escape_control_characters("a\u009b31m\u202e\x1b[0m\u00e9\n"), "a\\u009b31m\\u202e\\u001b[0m\u00e9\\u000a");
  CHECK_EQ(escape_control_characters("a\nb\u0085", true), "a\nb\\u0085");
  CHECK_EQ(escape_control_characters("\xff"), "\\ufffd");
  // In names they are allowed; a terminal would move the words around them.
  CHECK_EQ(escape_control_characters("\u05d0\u200f!\u061c\u200e\u206a"), "\u05d0\\u200f!\\u061c\\u200e\\u206a");
  CHECK_EQ(escape_control_characters("\U0001fffe"), "\\ud83f\\udffe");
}

SCENARIO("B7: passwords are compared in NFC, with every kind of space as a blank, and otherwise unchanged") {
  CHECK_EQ(opaque_string("Cafe\u0301 au lait"), "Caf\u00e9 au lait");
  CHECK_EQ(opaque_string("Caf\u00e9\u00a0au\u3000lait"), "Caf\u00e9 au lait");
  // Neither case nor width nor compatibility is mapped: that is for names.
  for (const auto& kept : {"\uff21\u2160\ufb01 STRASSE \u00df"s, "\u03a3\u03c2\u03c3"s})
    CHECK_EQ(opaque_string(kept), kept);
  CHECK_EQ(opaque_string("\u212b"), "\u00c5");
  CHECK_EQ(opaque_string("\u1100\u1161"), "\uac00");
  CHECK_EQ(opaque_string("a\0b"s), "a\0b"s);
}

SCENARIO("B7: a text that OpaqueString forbids is refused as a password") {
  for (const auto& bad : {"\t"s, "a\0"s, "\u0085"s, "\u200b"s, "\u00ad"s, "\u202e"s, "\ufeff"s, "\ue000"s,
                          "\U000e0001"s, "\u0378"s, "\ufe0f"s, "\u3164"s, "a\u200d"s, "\u200c"s, "\xff"s})
    CHECK(!is_opaque_string(bad));
  for (const auto& good :
       {"correct horse"s, "\u00a0\u3000"s, "\u03c0\u00df\u00e5"s, "\U0001f600"s, "\u0915\u094d\u200d"s})
    CHECK(is_opaque_string(good));
}
