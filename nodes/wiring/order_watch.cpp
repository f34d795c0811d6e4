#include "nodes/wiring/order_watch.hpp"

#include "domain/json/codec.hpp"
#include "domain/order_view/waiting.hpp"

#include <boost/describe/enumerators.hpp>

#include <caf/actor_system.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/telemetry/gauge.hpp>
#include <caf/telemetry/metric_family_impl.hpp>
#include <caf/telemetry/metric_registry.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <array>
#include <string>
#include <utility>
#include <vector>

namespace waybill {

namespace {

constexpr auto answer_limit = std::chrono::seconds{10};
/// Of orders that are looked for there is no index, so a page may be empty while others follow.
constexpr int most_pages = 10;

/// What is counted together. The list has confirmed orders among the placed ones (domain/order_view/listing.hpp).
struct counted_statuses {
  const char* name;
  std::vector<order::status> listed;
};

const std::vector<counted_statuses> counted{
  {"placed_or_confirmed", {order::status::placed, order::status::confirmed}},
  {"fulfilling", {order::status::fulfilling}},
  {"cancelling", {order::status::cancelling}},
  {"needs_attention", {order::status::needs_attention}},
};

/// What can be listed: not the refunds of all orders that were ever completed.
std::vector<order::waiting> listed_reasons() {
  std::vector<order::waiting> reasons;
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<order::waiting>>([&](auto reason) {
    if (reason.value != order::waiting::nothing && reason.value != order::waiting::refund)
      reasons.push_back(reason.value);
  });
  return reasons;
}

struct order_watch_state {
  static inline const char* name = "waybill.order_watch";

  order_watch_state(order_watch_actor::pointer ptr, reader_actor asked, order_watch_settings chosen)
    : self(ptr), reader(std::move(asked)), settings(chosen),
      oldest(ptr->system().metrics().gauge_family<double>(
        "waybill", "orders-oldest-waiting", {"waits_for"},
        "How long ago the oldest order was placed that waits for that; zero without one.", "seconds")),
      attention(
        ptr->system().metrics().gauge_singleton("waybill", "orders-needing-attention", "Orders that need a person.")),
      by_status(ptr->system().metrics().gauge_family("waybill", "orders", {"status"},
                                                     "Orders that are not over; at most 100000 of a status are "
                                                     "counted.")) {
    self->send(self, caf::tick_atom_v);
  }

  order_watch_actor::behavior_type make_behavior() {
    return {[this](caf::tick_atom) { look(); }};
  }

  /// One reason after the other, so that no more than one question waits for a database that is slow.
  void look() {
    reasons = listed_reasons();
    count();
  }

  void count() {
    count_orders query;
    for (const auto& group : counted)
      for (const auto status : group.listed)
        query.statuses.emplace_back(name_of(status));
    self->request(reader, answer_limit, query)
      .then(
        [this](const order_counts& found) {
          tell(found);
          next_reason();
        },
        // The database is away, which others tell: what was seen last stays.
        [this](const caf::error&) { rest(); });
  }

  void tell(const order_counts& found) {
    auto count = found.counts.begin();
    for (const auto& group : counted) {
      std::int64_t sum = 0;
      for (std::size_t i = 0; i < group.listed.size() && count != found.counts.end(); ++i)
        sum += static_cast<std::int64_t>(*count++);
      by_status->get_or_add({{"status", group.name}})->value(sum);
      if (group.listed.front() == order::status::needs_attention)
        attention->value(sum);
    }
  }

  void next_reason() {
    if (reasons.empty()) {
      rest();
      return;
    }
    const auto reason = reasons.back();
    reasons.pop_back();
    list_orders query;
    query.search.reason = reason;
    for (const auto status : order::statuses_of(reason))
      query.statuses.emplace_back(name_of(status));
    query.oldest_first = true;
    query.limit = 1;
    look_for(reason, std::move(query), 0);
  }

  void look_for(order::waiting reason, list_orders query, int pages) {
    self->request(reader, answer_limit, query)
      .then(
        [this, reason, query, pages](const state_page& page) mutable {
          if (page.states.empty() && page.more && page.next && pages < most_pages) {
            query.cursor_time = page.next->time;
            query.cursor_id = page.next->id;
            look_for(reason, std::move(query), pages + 1);
            return;
          }
          tell(reason, page);
          next_reason();
        },
        [this](const caf::error&) { rest(); });
  }

  void tell(order::waiting reason, const state_page& page) {
    double seconds = 0;
    if (!page.states.empty())
      if (const auto order = decode<order::state>(page.states.front()))
        seconds = std::chrono::duration<double>(now() - order->created_at).count();
    const std::string word{order::word_for(reason)};
    oldest->get_or_add({{"waits_for", word}})->value(seconds);
  }

  void rest() { self->delayed_send(self, settings.interval, caf::tick_atom_v); }

  order_watch_actor::pointer self;
  reader_actor reader;
  order_watch_settings settings;
  caf::telemetry::metric_family_impl<caf::telemetry::dbl_gauge>* oldest;
  caf::telemetry::int_gauge* attention;
  caf::telemetry::metric_family_impl<caf::telemetry::int_gauge>* by_status;
  std::vector<order::waiting> reasons;
};

} // namespace

order_watch_actor spawn_order_watch(caf::actor_system& sys, reader_actor reader, order_watch_settings settings) {
  return sys.spawn<order_watch_actor::stateful_impl<order_watch_state>>(std::move(reader), settings);
}

} // namespace waybill
