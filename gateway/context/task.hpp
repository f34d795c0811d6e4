#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>

/// Asio's types with the one executor that the gateway uses: every coroutine runs on one single-threaded io_context.
namespace waybill::http {

namespace net = boost::asio;
using boost::system::error_code;

using executor = net::io_context::executor_type;
using clock = std::chrono::steady_clock;

template <class T>
using task = net::awaitable<T, executor>;

inline constexpr net::use_awaitable_t<executor> use_task{};

using timer = net::basic_waitable_timer<clock, net::wait_traits<clock>, executor>;

} // namespace waybill::http
