#pragma once

#include "gateway/context/context.hpp"
#include "messages/journal/event_feed.hpp"

#include <memory>
#include <optional>

namespace waybill::http {

/// Who gets the events of one subscription, page by page, in the form of its protocol. Used by one thread.
class event_sink {
public:
  virtual ~event_sink() = default;

  /// The subscription holds: from here on there is no problem to answer with. Without `start` it has the whole log.
  virtual task<void> begin(const std::optional<log_position>& start) = 0;

  /// Returns when the client has room for more, or throws when it has gone. An empty page says that the stream is
  /// alive, and has passed `next` if there is one.
  virtual task<void> send(const feed_page& page) = 0;

  /// The next events have been removed from the log: going on would skip them silently. The stream ends.
  virtual task<void> fail(const problem& reason) = 0;

  /// Ends the stream; what is being sent is finished.
  virtual void stop() = 0;
  [[nodiscard]] virtual bool closing() const noexcept = 0;
};

/// Sends what the request subscribes to, until the stream, the token, or the caller's right to it ends. Throws a
/// problem before `begin` when there can be no subscription.
task<void> follow_events(std::shared_ptr<event_sink> to, context& ctx, const request& req);

/// Throws a problem when there can be no subscription.
task<void> check_subscription(context& ctx, const request& req);

} // namespace waybill::http
