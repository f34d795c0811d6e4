#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

/// Octets as text, hashes and random octets.
namespace waybill {

/// RFC 4648, section 5, without padding.
std::string to_base64url(std::string_view octets);

/// Nothing unless `text` is exactly what to_base64url writes. Padding, other characters and bits after the end are
/// refused: a signature must not have two spellings.
std::optional<std::string> from_base64url(std::string_view text);

std::string sha256(std::string_view octets);
std::string sha256_hex(std::string_view octets);

/// RFC 2104 with SHA-256: 32 octets.
std::string hmac_sha256(std::string_view key, std::string_view message);

/// From the system's generator, for secrets.
std::string random_octets(std::size_t count);

} // namespace waybill
