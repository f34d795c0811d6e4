#pragma once

#include "domain/base/ids.hpp"
#include "domain/base/result.hpp"
#include "domain/base/time.hpp"
#include "domain/order/lines.hpp"
#include "domain/order/status.hpp"

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// A bulk action does to many orders what an operator could do to each. It is carried out for a few orders at a time:
/// the intent, with the version of the order that it was decided on, is recorded before the order gets its command, and
/// the outcome after it. So a command is sent again after a crash and yet takes effect once at most.
namespace waybill::bulk {

/// Orders of one bulk action, at most.
inline constexpr std::size_t max_orders = 1'000;

enum class action : std::uint8_t { cancel, hold, release, retry, resolve };
BOOST_DESCRIBE_ENUM(action, cancel, hold, release, retry, resolve)

enum class status : std::uint8_t {
  none,
  running,
  /// No other order is begun; those that were are waited for.
  stopping,
  stopped,
  finished
};
BOOST_DESCRIBE_ENUM(status, none, running, stopping, stopped, finished)

enum class item_status : std::uint8_t {
  pending,
  /// The order may have its command.
  begun,
  done,
  refused
};
BOOST_DESCRIBE_ENUM(item_status, pending, begun, done, refused)

// -- events -----------------------------------------------------------------------------------------------------------

/// What is to be done; `outcome` is for resolve only. With `dry_run` nothing is done: the results say what would be.
/// With `more` the orders are the first of those that were selected.
struct started {
  static constexpr std::string_view type = "bulk_action.started";
  static constexpr std::array hidden{"fingerprint"};
  bulk_action_id bulk_action;
  bulk::action action = bulk::action::cancel;
  order::status outcome = order::status::cancelled;
  std::string reason;
  bool dry_run = false;
  bool more = false;
  order::person by;
  /// Where the first request can be traced to; the commands of the orders bear the same.
  std::string correlation;
  std::string traceparent;
  std::vector<order_id> orders;
  /// A digest of the request: another request under the same idempotency key has another one.
  std::string fingerprint;
};
BOOST_DESCRIBE_STRUCT(started, (),
                      (bulk_action, action, outcome, reason, dry_run, more, by, correlation, traceparent, orders,
                       fingerprint))

/// An order and the version on which the action was decided.
struct decided_order {
  order_id order;
  std::uint64_t version = 0;
};
BOOST_DESCRIBE_STRUCT(decided_order, (), (order, version))

/// These orders get their commands now.
struct orders_begun {
  static constexpr std::string_view type = "bulk_action.orders_begun";
  std::vector<decided_order> orders;
};
BOOST_DESCRIBE_STRUCT(orders_begun, (), (orders))

/// `code` says why it was refused (domain/base/errors.hpp); empty when it was done.
struct order_result {
  order_id order;
  std::string code;
  std::string detail;
};
BOOST_DESCRIBE_STRUCT(order_result, (), (order, code, detail))

struct orders_ended {
  static constexpr std::string_view type = "bulk_action.orders_ended";
  std::vector<order_result> results;
};
BOOST_DESCRIBE_STRUCT(orders_ended, (), (results))

struct stop_requested {
  static constexpr std::string_view type = "bulk_action.stop_requested";
  order::person by;
};
BOOST_DESCRIBE_STRUCT(stop_requested, (), (by))

/// `stopped`: some orders are left as they were.
struct ended {
  static constexpr std::string_view type = "bulk_action.ended";
  bool stopped = false;
};
BOOST_DESCRIBE_STRUCT(ended, (), (stopped))

using event = std::variant<started, orders_begun, orders_ended, stop_requested, ended>;

// -- state ------------------------------------------------------------------------------------------------------------

struct item {
  order_id order;
  item_status status = item_status::pending;
  /// Of the order when its action was decided.
  std::uint64_t version = 0;
  std::string code{};
  std::string detail{};
};
BOOST_DESCRIBE_STRUCT(item, (), (order, status, version, code, detail))

struct state {
  static constexpr std::array hidden{"fingerprint"};
  bulk_action_id id;
  bulk::action action = bulk::action::cancel;
  order::status outcome = order::status::cancelled;
  std::string reason;
  bool dry_run = false;
  bool more = false;
  order::person by;
  std::string correlation;
  std::string traceparent;
  std::string fingerprint;
  bulk::status status = bulk::status::none;
  std::vector<item> items;
  timestamp created_at;
  timestamp updated_at;
  std::uint64_t version = 0;
};
BOOST_DESCRIBE_STRUCT(state, (),
                      (id, action, outcome, reason, dry_run, more, by, correlation, traceparent, fingerprint, status,
                       items, created_at, updated_at, version))

/// Something is left to be done.
bool is_under_way(const state& current) noexcept;

std::size_t count_of(const state& current, item_status status) noexcept;

/// The first `limit` items of that status.
std::vector<item> items_of(const state& current, item_status status, std::size_t limit);

// -- commands ---------------------------------------------------------------------------------------------------------

struct start {
  started facts;
};
/// What became of orders, and which are begun; also one that was begun before, when it has another version by now and
/// its command had no effect. While the action stops, no pending order is begun.
struct record_progress {
  std::vector<order_result> results;
  std::vector<decided_order> begun;
};
struct request_stop {
  order::person by;
};

using command = std::variant<start, record_progress, request_stop>;

/// The events that `cmd` leads to; none when what it asks for already holds. Fails with ec::not_found for one that was
/// never started, ec::idempotency_key_reused when it was started by another request, ec::invalid_argument for no
/// orders, too many, or one that comes twice.
result<std::vector<event>> decide(const state& current, const command& cmd);

/// The state after `recorded`.
void apply(state& current, const event& recorded, timestamp at);

} // namespace waybill::bulk
