#pragma once

#include <cstddef>
#include <map>
#include <string>

/// What others note about an order, which means nothing to Waybill.
namespace waybill::order {

/// Texts by their keys.
using metadata = std::map<std::string, std::string>;

/// Of one order. Characters.
inline constexpr std::size_t max_metadata_entries = 20;
inline constexpr std::size_t max_metadata_key = 40;
inline constexpr std::size_t max_metadata_text = 200;

/// What is wrong with it: a sentence; empty when nothing is. A key has small letters, digits, `_`, `-` and `.`; a text
/// has no control characters.
std::string check_metadata(const metadata& entries);

} // namespace waybill::order
