#pragma once

#include "domain/base/time.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The events of a row of the log behind its first one, as a JSON array. Example, of an order that is confirmed in the
/// append that authorised its payment, 12 microseconds later:
///
///     [{"type":"order.confirmed","schema":1,"later":12,"data":{"at":"..."}}]
///
/// What is the same as in the row is left out: `later` (microseconds), `order`, `customer` and `meta`.
namespace waybill {

/// How many places of the log a row takes. A row has no more events.
inline constexpr std::size_t places_of_row = 64;

struct further_event {
  std::string type;
  std::uint16_t schema = 1;
  std::chrono::microseconds later{0};
  /// Nothing: as the row has it.
  std::optional<std::string> order;
  std::optional<std::string> customer;
  std::optional<std::string_view> meta;
  /// A JSON object, as it was given.
  std::string_view data;
};

/// Adds an event to the array, which is empty or without its closing bracket.
void add_further(std::string& array, const further_event& event);
void close_further(std::string& array);

/// The events refer to `array`, where their `meta` and `data` are. Throws std::runtime_error when it is not of that
/// form.
std::vector<further_event> parse_further(std::string_view array);

/// The texts by which rows are found that may hold an event of that type (or of types that begin so), or of that
/// customer.
std::string mark_of_type(std::string_view type, bool begins_so);
std::string mark_of_customer(std::string_view customer);

} // namespace waybill
