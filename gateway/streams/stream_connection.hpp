#pragma once

#include "domain/base/time.hpp"
#include "gateway/context/task.hpp"

#include <functional>
#include <string_view>

namespace waybill::http {

/// The connection under an event stream, which takes it over from HTTP. Used by one thread.
class stream_connection {
public:
  virtual ~stream_connection() = default;

  /// From here on there is no HTTP answer but a stream. When the gateway shuts down the connection calls `on_stop`, or
  /// ends at once without one.
  virtual void become_stream(std::function<void()> on_stop) = 0;

  /// Writes all of `text` or throws; a client that does not take it within the write time-out is cut off.
  virtual task<void> write(std::string_view text) = 0;

  /// Drops what the client sends, until it ends its half of the connection.
  virtual task<void> read_to_end() = 0;

  /// Ends the stream; an event that is being written is finished.
  virtual void stop() = 0;
  [[nodiscard]] virtual bool closing() const noexcept = 0;

  /// Closes the socket at once.
  virtual void close() = 0;

  /// Ends the wait under way when `limit` has passed.
  virtual void expires_after(milliseconds limit) = 0;
  virtual void expires_never() = 0;
};

} // namespace waybill::http
