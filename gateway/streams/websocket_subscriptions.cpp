#include "domain/base/errors.hpp"
#include "domain/json/json_writer.hpp"
#include "gateway/events/event_filter.hpp"
#include "gateway/events/event_json.hpp"
#include "gateway/http/json_body.hpp"
#include "gateway/limits/client_address.hpp"
#include "gateway/streams/subscription_frame.hpp"
#include "gateway/streams/websocket.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/json/value.hpp>

#include <utility>

// The subscriptions of a WebSocket.

namespace waybill::http {

namespace {

std::string frame_of(std::string_view type, const std::string& id) {
  json_writer out;
  return out.begin_object().member("type", type).member("id", id).end_object().take();
}

} // namespace

websocket::subscription_ptr websocket::read_subscription(const boost::json::value& frame,
                                                         std::vector<field_error>& errors) const {
  auto asked = read_subscription_frame(frame, errors);
  auto made = std::make_shared<subscription>();
  made->id = std::move(asked.id);
  made->from_latest = !asked.after && !asked.from_earliest;
  made->query.from_earliest = asked.from_earliest;
  if (asked.after)
    made->query.after = *asked.after;
  made->query.filter = std::move(asked.filter);
  narrow(made->query.filter, opening_.caller);
  made->query.limit = feed_page_size;
  made->query.wait = ctx_.config().heartbeat;
  made->query.asker = asker_of(opening_);
  return made;
}

task<void> websocket::subscribe(const boost::json::value& frame) {
  std::vector<field_error> errors;
  const auto made = read_subscription(frame, errors);
  const bool refused = co_await refuse_invalid(made->id, errors);
  if (refused)
    co_return;
  if (subscriptions_.contains(made->id)) {
    co_await refuse(made->id, "conflict", "there is already a subscription with this id");
    co_return;
  }
  if (subscriptions_.size() < ctx_.config().max_subscriptions)
    made->permit = ctx_.admit_subscriber();
  if (!made->permit) {
    co_await complain(made->id, "overloaded", "there are too many subscriptions");
    co_return;
  }
  made->count.emplace(ctx_.metrics().subscribers);
  subscriptions_.emplace(made->id, made);
  net::co_spawn(ctx_.io(), send_events(made),
                net::bind_cancellation_slot(made->signal.slot(), [made, self = shared_from_this()](auto) {}));
}

task<void> websocket::unsubscribe(const boost::json::value& frame) {
  std::vector<field_error> errors;
  object_reader from{frame, "", errors};
  from.optional("type");
  const auto id = from.text("id", {1, 64});
  from.finish();
  const bool refused = co_await refuse_invalid(id, errors);
  if (refused)
    co_return;
  const auto running = subscriptions_.find(id);
  if (running == subscriptions_.end()) {
    co_await complain(id, "not_found", "there is no subscription of that id");
    co_return;
  }
  end(*running->second);
  subscriptions_.erase(running);
  co_await send(frame_of("unsubscribed", id));
}

/// What is being read for it is abandoned.
void websocket::end(subscription& ended) {
  ended.ended = true;
  ended.signal.emit(net::cancellation_type::terminal);
}

task<bool> websocket::find_start(subscription& begun) {
  auto& query = begun.query;
  if (begun.from_latest) {
    const auto end = co_await ctx_.ask_for<log_position>(ctx_.services().reader, get_log_end{});
    if (begun.ended)
      co_return false;
    if (!end) {
      subscriptions_.erase(begun.id);
      co_await complain(begun.id, "unavailable", "the event log cannot be read now");
      co_return false;
    }
    query.after = *end;
  } else if (!query.from_earliest) {
    const read_log nothing{query.after, {}, 0};
    const auto kept = co_await ctx_.ask_for<log_page>(ctx_.services().reader, nothing);
    if (begun.ended)
      co_return false;
    if (!kept && kept.error().code == ec::cursor_expired) {
      co_await expire(begun.id);
      co_return false;
    }
  }
  json_writer out;
  out.begin_object().member("type", "subscribed").member("id", begun.id);
  auto text = out.member("position", to_string(query.after)).end_object().take();
  co_await send(std::move(text));
  co_return true;
}

task<void> websocket::expire(std::string id) {
  subscriptions_.erase(id);
  const auto error = to_problem({ec::cursor_expired, {}});
  co_await complain(id, error.code, error.detail);
}

task<void> websocket::send_events(subscription_ptr subscribed) {
  const auto self = shared_from_this();
  const bool begun = co_await find_start(*subscribed);
  if (!begun)
    co_return;
  auto& query = subscribed->query;
  while (!subscribed->ended) {
    const auto page = co_await ctx_.ask_for<feed_page>(ctx_.services().feed, query, no_timeout);
    if (!page && page.error().code == ec::cursor_expired) {
      if (!subscribed->ended)
        co_await expire(subscribed->id);
      co_return;
    }
    if (!page) {
      timer pause{ctx_.io(), feed_pause};
      co_await pause.async_wait(use_task);
      continue;
    }
    for (const auto& event : page->events) {
      json_writer out;
      out.begin_object().member("type", "event").member("id", subscribed->id).key("event").raw(to_json(*event));
      auto text = out.end_object().take();
      co_await wait_for_room(text.size());
      // It may have ended while it waited.
      if (subscribed->ended)
        co_return;
      queue(std::move(text));
    }
    query.after = page->next;
    query.from_earliest = false;
  }
}

void websocket::end_forbidden() {
  std::vector<std::string> forbidden;
  for (const auto& [id, running] : subscriptions_) {
    auto allowed = running->query.filter;
    narrow(allowed, opening_.caller);
    if (allowed != running->query.filter)
      forbidden.push_back(id);
  }
  for (const auto& id : forbidden) {
    end(*subscriptions_[id]);
    subscriptions_.erase(id);
    json_writer out;
    out.begin_object().member("type", "error").member("id", id).member("code", "forbidden");
    // There is room for these few.
    queue(
      out.member("detail", "you no longer have the right to all of these events: subscribe again for what you may see")
        .end_object()
        .take());
  }
}

} // namespace waybill::http
