#pragma once

#include "actors/entity/entity_support.hpp"
#include "messages/abandon.hpp"
#include "messages/journal/event_feed.hpp"

#include <cstdint>
#include <optional>
#include <utility>

namespace waybill {

/// A question to the node's event feed for a page of the log: one at a time, which can be given up. A part of the actor
/// that asks.
class feed_request {
public:
  [[nodiscard]] bool is_open() const { return open_.has_value(); }

  /// Calls `on_page` with the page, or `on_error` with a caf::error, unless the question is abandoned before.
  template <class Self, class OnPage, class OnError>
  void ask(Self self, const event_feed_actor& feed, read_feed question, OnPage on_page, OnError on_error) {
    auto request = self->request(feed, bounded_elsewhere, std::move(question));
    const std::uint64_t number = request.id().request_id().integer_value();
    open_ = number;
    std::move(request).then(
      [this, number, on_page](const feed_page& page) {
        if (close(number))
          on_page(page);
      },
      [this, number, on_error](const caf::error& reason) {
        if (close(number))
          on_error(reason);
      });
  }

  /// Tells the feed that nobody waits for the page any more.
  template <class Self>
  void abandon(Self self, const event_feed_actor& feed) {
    if (open_)
      self->send(feed, abandon_request{*std::exchange(open_, {})});
  }

private:
  /// False for the answer to a question that was abandoned.
  bool close(std::uint64_t number) {
    const bool is_awaited = open_ == number;
    if (is_awaited)
      open_.reset();
    return is_awaited;
  }

  /// The number of the request's message.
  std::optional<std::uint64_t> open_;
};

} // namespace waybill
