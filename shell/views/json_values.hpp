#pragma once

#include <boost/json/value.hpp>

#include <cstddef>
#include <string>

/// What the shell does to JSON before it shows it.
namespace waybill::shell {

/// In the API's JSON the id of another entity stands under `<type>_id`; in our state under `<type>`.
boost::json::value with_api_names(boost::json::value state);

/// Appends `value` to `out`, indented by two blanks a level.
void pretty(std::string& out, const boost::json::value& value, std::size_t depth);

} // namespace waybill::shell
