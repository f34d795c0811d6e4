#pragma once

#include <boost/json/value.hpp>

namespace waybill {

/// With every amount of money as a person reads it: {"amount":2800,"currency":"EUR"} becomes "28.00 EUR". For what
/// people read; programs get minor units. Pure and thread-safe.
boost::json::value with_readable_amounts(boost::json::value value);

} // namespace waybill
