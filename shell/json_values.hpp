#pragma once

#include <boost/json/value.hpp>

#include <cstddef>
#include <string>

/// What the shell does to JSON before it shows it.
namespace waybill::shell {

/// In the API's JSON the id of another entity stands under `<type>_id`; in our state under `<type>`.
boost::json::value with_api_names(boost::json::value state);

/// With every amount of money as a person reads it: {"amount":2800,"currency":"EUR"} becomes "28.00 EUR".
boost::json::value with_readable_amounts(boost::json::value value);

/// Appends `value` to `out`, indented by two blanks a level.
void pretty(std::string& out, const boost::json::value& value, std::size_t depth);

} // namespace waybill::shell
