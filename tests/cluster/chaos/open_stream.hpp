#pragma once

#include "outbound/api_client.hpp"
#include "tests/cluster/chaos/history.hpp"

#include <memory>
#include <optional>
#include <string>

namespace waybill::chaos {

/// The events that arrived over an event stream.
struct stream_view {
  /// The position that the subscription begins behind.
  std::optional<std::string> begun_at;
  /// With the times at which they happened.
  std::vector<live_event> events;
  /// When the subscription or the connection ended, and how.
  std::optional<timestamp> ended;
  std::string reason;
};

/// A WebSocket with one subscription of the whole log, on a thread of its own. It does not connect again.
class open_stream {
public:
  /// `after`: a position, or `latest`. Throws std::runtime_error for a URL that is none.
  open_stream(const std::string& gateway, outbound::header_list headers, std::string after);
  ~open_stream();
  open_stream(const open_stream&) = delete;
  open_stream& operator=(const open_stream&) = delete;

  [[nodiscard]] stream_view look() const;

private:
  struct state;
  std::unique_ptr<state> state_;
};

} // namespace waybill::chaos
