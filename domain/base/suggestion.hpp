#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace waybill {

/// The word of `known` that `word` was most likely meant to be: it differs in a third of its letters at most (letters
/// that are missing, too many, other ones, or two that changed places), or begins with `word`. Empty when there is
/// none.
std::string closest_word(std::string_view word, const std::vector<std::string>& known);

/// `; did you mean <closest_word>?` with `prefix` before the word, or nothing; for the end of a message.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& known, std::string_view prefix = {});

} // namespace waybill
