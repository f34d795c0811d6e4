#pragma once

#include "outbound/api_client.hpp"

#include <boost/asio/awaitable.hpp>

#include <stdexcept>
#include <string>
#include <vector>

namespace waybill::bench {

/// The server cannot be reached, or the connection broke.
struct server_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The answer, which must have the status `expected`. Throws server_error when there is none, std::runtime_error for
/// another status.
boost::asio::awaitable<outbound::http_response> ask(outbound::api_client& client, outbound::api_request request,
                                                    unsigned expected);

/// Makes a product with more than enough stock; answers with its id.
boost::asio::awaitable<std::string> make_product(outbound::api_client& client, const std::string& sku);

/// The body of an order for one piece of `product`, which will be paid and delivered.
std::string order_body(const std::string& product);

} // namespace waybill::bench
