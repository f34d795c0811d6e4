#include "messages/journal/log_position.hpp"

#include "domain/base/number.hpp"

#include <algorithm>
#include <charconv>

namespace waybill {

namespace {

constexpr std::size_t number_length = 13;
constexpr std::size_t place_length = 2 * number_length;
constexpr std::size_t generation_length = 12;
constexpr std::size_t check_length = 8;
/// Behind all digits, so that positions with a generation come after those without.
constexpr char mark = 'g';

/// Takes a number of `length` digits from the front of `text`.
template <class Number>
bool take_hex(std::string_view& text, std::size_t length, Number& number) {
  const auto digits = text.substr(0, length);
  text.remove_prefix(digits.size());
  const auto is_digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  return digits.size() == length && std::all_of(digits.begin(), digits.end(), is_digit)
         && std::from_chars(digits.data(), digits.data() + digits.size(), number, 16).ec == std::errc{};
}

} // namespace

// FNV-1a with 64 bits (http://www.isthe.com/chongo/tech/comp/fnv/), folded.
std::uint32_t event_check(std::string_view stream, std::uint64_t version, timestamp at) {
  std::uint64_t hash = 14695981039346656037U;
  const auto add = [&hash](unsigned char octet) { hash = (hash ^ octet) * 1099511628211U; };
  const auto add_number = [&add](std::uint64_t number) {
    for (int shift = 0; shift < 64; shift += 8)
      add(static_cast<unsigned char>(number >> shift));
  };
  for (const auto c : stream)
    add(static_cast<unsigned char>(c));
  add_number(version);
  add_number(static_cast<std::uint64_t>(at.time_since_epoch().count()));
  const auto folded = static_cast<std::uint32_t>(hash ^ (hash >> 32));
  return folded == 0 ? 1 : folded;
}

std::string to_string(log_position position) {
  std::string result;
  result.reserve(1 + generation_length + place_length + check_length);
  const bool alone = position.generation == 0 && position.check == 0;
  if (!alone) {
    result += mark;
    append_hex(result, position.generation, generation_length);
  }
  append_hex(result, position.transaction, number_length);
  append_hex(result, position.sequence, number_length);
  if (!alone)
    append_hex(result, position.check, check_length);
  return result;
}

std::optional<log_position> parse_log_position(std::string_view text) {
  log_position result;
  const bool alone = !text.starts_with(mark);
  if (!alone) {
    text.remove_prefix(1);
    if (!take_hex(text, generation_length, result.generation))
      return std::nullopt;
  }
  if (!take_hex(text, number_length, result.transaction) || !take_hex(text, number_length, result.sequence))
    return std::nullopt;
  if (!alone && !take_hex(text, check_length, result.check))
    return std::nullopt;
  // One position has one text.
  const bool has_short_form = result.generation == 0 && result.check == 0;
  return text.empty() && has_short_form == alone ? std::optional{result} : std::nullopt;
}

} // namespace waybill
