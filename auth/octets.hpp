#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

/// Octets as text, and the few primitives of cryptography that need no key.
namespace waybill {

/// RFC 4648, section 5, without padding.
std::string to_base64url(std::string_view octets);

/// Nothing for what `to_base64url` would not have written: padding, other characters, bits behind the end.
std::optional<std::string> from_base64url(std::string_view text);

std::string sha256(std::string_view octets);
std::string sha256_hex(std::string_view octets);

/// Of the system's generator, for secrets. Throws std::runtime_error when it gives none.
std::string random_octets(std::size_t count);

} // namespace waybill
