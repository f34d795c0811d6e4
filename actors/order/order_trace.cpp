#include "actors/order/order_trace.hpp"

#include "actors/entity/trace/append_trace.hpp"
#include "domain/json/codec.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace waybill {

namespace {

/// A step that ends with one of these came to nothing.
constexpr std::array<std::string_view, 6> refusals{order::stock_rejected::type,  order::payment_declined::type,
                                                   order::needs_attention::type, order::revision_refused::type,
                                                   order::cancel_refused::type,  order::refund_declined::type};

/// Whether an event was written together with the one before it.
bool is_of_same_append(const stored_event& event, const stored_event& before) {
  return event.at == before.at && event.node == before.node && event.origin.causation_id == before.origin.causation_id;
}

} // namespace

std::vector<tracing::span> order_trace::follow(const append& request, const order::state& after) {
  std::vector<tracing::span> ended;
  if (request.expected_version == 0) {
    open_.clear();
    first_ = tracing::sampled_context(request.origin.traceparent);
    if (first_)
      first_->span = span_of_append(first_->trace, request.stream, 1);
  }
  if (!first_)
    return ended;
  const auto due = order::due_steps(after);
  std::vector<open_step> open;
  for (const auto& known : open_)
    if (std::find(due.begin(), due.end(), known.step) != due.end())
      open.push_back(known);
    else
      ended.push_back(span_of(known, request));
  for (const auto step : due) {
    const bool is_known =
      std::any_of(open.begin(), open.end(), [step](const open_step& known) { return known.step == step; });
    // The same step may be due more than once in the life of an order.
    const auto name =
      request.stream + '/' + std::string{name_of(step)} + '@' + std::to_string(request.expected_version + 1);
    if (!is_known)
      open.push_back({step, request.at, tracing::derive_span_id(first_->trace, name)});
  }
  open_ = std::move(open);
  return ended;
}

std::vector<tracing::span> order_trace::restore(const std::vector<stored_event>& past, const std::string& database) {
  forget();
  std::vector<tracing::span> ended;
  order::state state;
  for (std::size_t i = 0; i < past.size();) {
    append request;
    request.kind = entity_kind::order;
    request.stream = request.order = past[i].stream;
    request.expected_version = past[i].version - 1;
    request.at = past[i].at;
    request.origin = past[i].origin;
    const auto begin = i;
    do {
      const auto event = decode_event<order::event>(past[i].type, past[i].schema, past[i].data);
      if (!event)
        return {};
      apply(state, *event, past[i].at);
      request.events.push_back({past[i].type, past[i].schema, {}});
      ++i;
    } while (i < past.size() && is_of_same_append(past[i], past[begin]));
    auto spans = follow(request, state);
    if (auto own = begin_span(request))
      spans.push_back(std::move(*own));
    for (auto& span : spans) {
      note_commit(span, request.at, database, request.stream, past[i - 1].version, request.events.size());
      ended.push_back(std::move(span));
    }
    if (!is_on())
      return {};
  }
  return ended;
}

tracing::span order_trace::span_of(const open_step& ended, const append& by) const {
  auto span = tracing::child_of(*first_, ended.id, std::string{name_of(ended.step)}, ended.since);
  span.set("waybill.order", by.stream);
  span.set("waybill.step", std::string{name_of(ended.step)});
  for (const auto& event : by.events)
    if (std::find(refusals.begin(), refusals.end(), event.type) != refusals.end()) {
      span.failed = true;
      span.failure = event.type;
    }
  return span;
}

std::string order_trace::traceparent_of(order::step step) const {
  if (!first_)
    return {};
  for (const auto& known : open_)
    if (known.step == step)
      return tracing::to_traceparent({first_->trace, known.id, true});
  return traceparent();
}

std::string order_trace::traceparent() const {
  return first_ ? tracing::to_traceparent(*first_) : std::string{};
}

} // namespace waybill
