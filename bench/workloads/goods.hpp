#pragma once

#include "outbound/tool_client.hpp"

#include <boost/asio/awaitable.hpp>

#include <stdexcept>
#include <string>
#include <vector>

namespace waybill::bench {

/// The server cannot be reached or breaks off.
struct server_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The answer, which must have the status `expected`. Throws server_error when there is none, std::runtime_error for
/// another status.
boost::asio::awaitable<outbound::response> ask(outbound::client& client, outbound::request what, unsigned expected);

/// Makes a product of which there is more than enough; answers with its id.
boost::asio::awaitable<std::string> make_product(outbound::client& client, const std::string& sku);

/// The body of an order of one piece of `product` that is paid and delivered.
std::string order_body(const std::string& product);

} // namespace waybill::bench
