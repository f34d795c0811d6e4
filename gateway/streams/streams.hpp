#pragma once

#include "gateway/context/context.hpp"
#include "gateway/streams/stream_connection.hpp"
#include "gateway/streams/websocket_stream.hpp"

#include <chrono>
#include <cstdint>
#include <memory>

/// Event streams. A subscriber asks for one page of events after the other, and for the next one only when the client
/// has taken the last. So past and live events come the same way, none is skipped in between, and a slow client holds
/// one page of memory.
namespace waybill::http {

/// Serves Server-Sent Events until the end of the stream.
task<void> serve_events(std::shared_ptr<stream_connection> connection, context& ctx, const request& req);

/// The answer to HEAD, which has no end either.
task<response> describe_events(context& ctx, const request& req);

/// Serves a WebSocket until its end. `socket` is null when the request is no upgrade.
task<void> serve_websocket(std::shared_ptr<stream_connection> connection, context& ctx, const request& req,
                           std::unique_ptr<websocket_stream> socket);

inline constexpr std::uint32_t feed_page_size = 100;
/// Before the feed is asked again after it failed.
inline constexpr std::chrono::milliseconds feed_pause{500};

} // namespace waybill::http
