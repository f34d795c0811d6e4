#pragma once

#include "bench/command_line.hpp"

#include <boost/json/object.hpp>

namespace waybill::bench {

/// Measures orders per second: makes products, lets clients order them, waits until the server has finished all orders,
/// and answers with the result, whose member `ok` says whether nothing failed. Blocks. Throws server_error when the
/// server cannot be reached.
boost::json::object run_orders(const order_options& options);

} // namespace waybill::bench
