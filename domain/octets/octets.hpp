#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

/// Octets as text, hashes and random octets, by libsodium. Everything may be called by any thread.
namespace waybill {

/// RFC 4648, section 5, without padding.
std::string to_base64url(std::string_view octets);

/// Nothing unless `text` is exactly what to_base64url writes. Padding, other characters and bits after the end are
/// refused: a signature must not have two spellings.
std::optional<std::string> from_base64url(std::string_view text);

/// RFC 4648, section 4, with padding.
std::string to_base64(std::string_view octets);

/// Nothing unless `text` is exactly what to_base64 writes.
std::optional<std::string> from_base64(std::string_view text);

/// 32 octets.
std::string sha256(std::string_view octets);
std::string sha256_hex(std::string_view octets);

/// RFC 2104 with SHA-256: 32 octets. `message` is the concatenation of the parts.
std::string hmac_sha256(std::string_view key, std::initializer_list<std::string_view> message);

/// From the system's generator, for secrets. Throws std::runtime_error when there is none.
std::string random_octets(std::size_t count);

/// The same, taken from a stock of the thread: for ids, of which there are many.
std::uint64_t random_number();

} // namespace waybill
