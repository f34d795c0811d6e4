#pragma once

#include <string>
#include <string_view>
#include <vector>

/// Texts as people search them: without regard to case, width and how a letter is composed. Pure and thread-safe.
namespace waybill {

/// The text with every difference removed that a search does not see (The Unicode Standard, D147, toNFKC_Casefold): "ẞ"
/// and "SS" are one, as are U+00E9 and U+0065 U+0301, and "Ａ" and "a". Octets that are no text stay as they are.
std::string fold_text(std::string_view text);

/// The words of a search, folded, each once: what white space separates.
std::vector<std::string> folded_words(std::string_view query);

} // namespace waybill
