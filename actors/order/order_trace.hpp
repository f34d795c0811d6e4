#pragma once

#include "domain/order/order.hpp"
#include "messages/journal/append.hpp"
#include "messages/journal/event_log.hpp"
#include "tracing/span.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace waybill {

/// The trace of one order: that of the request that placed it, up to the order's end. Each step of the saga is a span
/// below the span of the order's first append, from the append after which it was due to the append after which it is
/// not. All of it follows from the order's events: a node that takes the order over reads them and goes on with the
/// same ids (docs/adr/0027). A plain value; used by one actor.
class order_trace {
public:
  /// To be called for each append of the order with the state behind it, the first one included. Returns the spans of
  /// the steps that end with it, without their end.
  std::vector<tracing::span> follow(const append& request, const order::state& after);

  /// After a load: what `past`, the events of the order from the first on, leaves open. Returns the spans of what has
  /// ended, which the node that had the order before may not have sent; `database` as for note_commit.
  std::vector<tracing::span> restore(const std::vector<stored_event>& past, const std::string& database);

  /// What a request of `step` has as its traceparent; empty when the order is not traced.
  [[nodiscard]] std::string traceparent_of(order::step step) const;
  /// The same for what the order does by itself.
  [[nodiscard]] std::string traceparent() const;

  [[nodiscard]] bool is_on() const { return first_.has_value(); }
  [[nodiscard]] std::optional<tracing::trace_id> id() const {
    return first_ ? std::optional{first_->trace} : std::nullopt;
  }
  void forget() { *this = {}; }

private:
  struct open_step {
    order::step step = order::step::reserve_stock;
    timestamp since;
    tracing::span_id id = 0;
  };

  [[nodiscard]] tracing::span span_of(const open_step& ended, const append& by) const;

  /// The span of the first append.
  std::optional<tracing::trace_context> first_;
  std::vector<open_step> open_;
};

} // namespace waybill
