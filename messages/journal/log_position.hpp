#pragma once

#include <boost/describe/class.hpp>

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace waybill {

/// A place in the event log. Positions grow in the order in which events become readable: whoever has read up to one
/// will never miss an event behind it. PostgreSQL: the writing transaction's number and a sequence; SQLite: zero and
/// the row's number. Clients see the text form only.
struct log_position {
  std::uint64_t transaction = 0;
  std::uint64_t sequence = 0;
  friend auto operator<=>(const log_position&, const log_position&) = default;
};
BOOST_DESCRIBE_STRUCT(log_position, (), (transaction, sequence))

/// 26 lower-case hexadecimal digits (13 and 13), so that the texts sort like the positions.
std::string to_string(log_position position);

/// Nothing when `text` is not of that form.
std::optional<log_position> parse_log_position(std::string_view text);

} // namespace waybill
