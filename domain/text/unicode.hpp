#pragma once

#include <string>
#include <string_view>

/// What code points are (The Unicode Standard 15.0, by utf8proc). All texts are well-formed UTF-8; what is not counts
/// as a control character. Pure and thread-safe.
namespace waybill {

/// Whether a text holds what is no text, but changes what a terminal does or a reader sees: control characters (C0, DEL
/// and C1), line and paragraph separators, embeddings, overrides and isolates of directions (UAX #9), the byte order
/// mark, annotations of lines, deprecated format characters and noncharacters. Marks of direction, joiners and soft
/// hyphens are text: people write names with them.
bool has_control_characters(std::string_view text) noexcept;

/// Whether there is anything to see: a code point that is neither white space nor ignored when it is shown.
bool has_visible_characters(std::string_view text) noexcept;

/// The text for a terminal or a log: what has_control_characters finds, but for ends of lines if they are to be `kept`,
/// and marks of direction are written as `\u202e`, an octet that is no text as `\ufffd`. JSON stays the same JSON.
std::string escape_control_characters(std::string_view text, bool keep_lines = false);

/// A password as it is compared: every space is U+0020, then NFC (RFC 8265, OpaqueString, section 4.2.2). For example
/// U+00E9 and U+0065 U+0301 are one password.
std::string opaque_string(std::string_view password);

/// Whether OpaqueString allows all of it (RFC 8264, FreeformClass): letters, marks, digits, punctuation, symbols and
/// spaces, but nothing that is ignored when it is shown, and joiners only behind a virama (RFC 5892, appendix A).
bool is_opaque_string(std::string_view password) noexcept;

} // namespace waybill
