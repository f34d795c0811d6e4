#pragma once

#include "domain/base/time.hpp"

#include <boost/describe/class.hpp>

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

namespace waybill {

/// A place in the event log. Positions grow in the order in which events become readable: whoever has read up to one
/// will never miss an event behind it. PostgreSQL: the writing transaction's number and a sequence; SQLite: zero and
/// the row's number. Clients see the text form only.
///
/// After a restore the same numbers are given to other events. Therefore a position also says of which log it is
/// (docs/adr/0017).
struct log_position {
  std::uint64_t transaction = 0;
  std::uint64_t sequence = 0;
  /// Of the log: when it began, in milliseconds since 1970; zero for a log that was never replaced.
  std::uint64_t generation = 0;
  /// A digest of the event at this place (see event_check); zero when it is not known, or there is no event.
  std::uint32_t check = 0;

  /// The place alone, as it is stored within its log.
  [[nodiscard]] log_position bare() const { return {transaction, sequence}; }
  [[nodiscard]] log_position of_generation(std::uint64_t number) const {
    return {transaction, sequence, number, check};
  }

  friend bool operator==(const log_position& a, const log_position& b) { return a.order() == b.order(); }
  friend auto operator<=>(const log_position& a, const log_position& b) { return a.order() <=> b.order(); }

private:
  [[nodiscard]] std::tuple<std::uint64_t, std::uint64_t, std::uint64_t> order() const {
    return {generation, transaction, sequence};
  }
};
BOOST_DESCRIBE_STRUCT(log_position, (), (transaction, sequence, generation, check))

/// The digest of an event for `check`; never zero. Two histories give one place to different events, whose digests
/// differ but for one case in four billion.
std::uint32_t event_check(std::string_view stream, std::uint64_t version, timestamp at);

/// Texts sort like the positions. A place alone has 26 lower-case hexadecimal digits (13 and 13), as all positions had
/// before they knew their log; others `g`, the generation (12), the place (26) and the check (8).
std::string to_string(log_position position);

/// Nothing when `text` is not of either form.
std::optional<log_position> parse_log_position(std::string_view text);

} // namespace waybill
