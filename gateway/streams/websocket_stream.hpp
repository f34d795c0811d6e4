#pragma once

#include "gateway/context/task.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace waybill::http {

/// RFC 6455, section 7.4, and IANA's registry of WebSocket close codes.
enum class close_code : std::uint16_t {
  none = 0,
  policy_violation = 1008,
  service_restart = 1012,
  try_again_later = 1013,
  unauthorized = 3000,
};

/// The frames of a WebSocket. An interface, because Beast's template takes a minute to compile. One read and one write
/// may be under way at once.
class websocket_stream {
public:
  struct message {
    std::string text;
    /// False: the frame was binary.
    bool is_text = true;
  };

  virtual ~websocket_stream() = default;

  using header_list = std::vector<std::pair<std::string, std::string>>;

  /// Answers the upgrade, with these headers besides those of the handshake. Throws when it fails.
  virtual task<void> accept(const header_list& headers) = 0;

  /// The next message; nothing after the last one.
  virtual task<std::optional<message>> read() = 0;

  /// Throws when the client has gone.
  virtual task<void> write(std::string_view text) = 0;
  virtual task<void> close(close_code code) = 0;
};

/// The largest message that is read.
inline constexpr std::size_t largest_frame = 16 * 1024;

} // namespace waybill::http
