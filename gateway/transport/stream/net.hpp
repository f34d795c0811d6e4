#pragma once

#include "gateway/context/task.hpp"

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/ip/tcp.hpp>

namespace waybill::http {

using tcp_socket = net::basic_stream_socket<net::ip::tcp, executor>;

} // namespace waybill::http
