#pragma once

#include "bench/histogram.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <map>
#include <string>

namespace waybill::bench {

/// JSON with three decimals where Boost.JSON writes 1.2E0.
std::string to_text(const boost::json::value& value);

/// The quantiles of a histogram of microseconds.
boost::json::object in_milliseconds(const histogram& times);

boost::json::object to_object(const std::map<std::string, std::uint64_t>& counts);

} // namespace waybill::bench
