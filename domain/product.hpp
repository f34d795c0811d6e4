#pragma once

#include "domain/base/ids.hpp"
#include "domain/base/money.hpp"
#include "domain/base/result.hpp"
#include "domain/base/time.hpp"

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

/// A product of the catalogue and its stock: one entity, so that a price and a reservation never contradict each other.
namespace waybill::product {

struct settings {
  /// How long after its reservation an order is asked for, and again and again after that: a reservation ends when its
  /// order is over or does not exist, never by time alone.
  milliseconds reservation_ttl{2 * 60 * 60'000};
  /// A closed reservation is remembered this long after its `reserve_by`, so that a late or doubled `reserve` gets the
  /// first answer; covers the difference between the clocks of two nodes.
  milliseconds clock_tolerance{10'000};
  /// A committed reservation is kept in memory this long after the commit: a repeated `commit` finds it without a look
  /// into the database.
  milliseconds remember_committed{10'000};
  /// `stock.low` is emitted when what is available falls below this.
  std::int64_t low_stock = 5;
};

// -- events -----------------------------------------------------------------------------------------------------------

struct created {
  static constexpr std::string_view type = "product.created";
  product_id product;
  std::string sku;
  std::string name;
  money price;
  std::int64_t on_hand = 0;
};
BOOST_DESCRIBE_STRUCT(created, (), (product, sku, name, price, on_hand))

struct changed {
  static constexpr std::string_view type = "product.changed";
  std::string sku;
  std::string name;
  money price;
};
BOOST_DESCRIBE_STRUCT(changed, (), (sku, name, price))

struct withdrawn {
  static constexpr std::string_view type = "product.withdrawn";
};
BOOST_DESCRIBE_STRUCT(withdrawn, (), ())

struct stock_adjusted {
  static constexpr std::string_view type = "stock.adjusted";
  std::int64_t delta = 0;
  std::string reason;
  /// None of a request without an idempotency key.
  std::optional<adjustment_id> adjustment;
};
BOOST_DESCRIBE_STRUCT(stock_adjusted, (), (delta, reason, adjustment))

struct stock_reserved {
  static constexpr std::string_view type = "stock.reserved";
  order_id order;
  std::int64_t quantity = 0;
  /// When the order is asked for, for the first time.
  timestamp expires_at;
  timestamp reserve_by;
};
BOOST_DESCRIBE_STRUCT(stock_reserved, (), (order, quantity, expires_at, reserve_by))

struct stock_rejected {
  static constexpr std::string_view type = "stock.rejected";
  order_id order;
  std::int64_t quantity = 0;
  std::int64_t available = 0;
  timestamp reserve_by;
};
BOOST_DESCRIBE_STRUCT(stock_rejected, (), (order, quantity, available, reserve_by))

struct stock_released {
  static constexpr std::string_view type = "stock.released";
  order_id order;
  std::int64_t quantity = 0;
  /// Up to when a late `reserve` of this order must still be refused.
  timestamp reserve_by;
};
BOOST_DESCRIBE_STRUCT(stock_released, (), (order, quantity, reserve_by))

struct stock_committed {
  static constexpr std::string_view type = "stock.committed";
  order_id order;
  std::int64_t quantity = 0;
};
BOOST_DESCRIBE_STRUCT(stock_committed, (), (order, quantity))

/// The order was over, or did not exist, and had not ended its reservation.
struct stock_expired {
  static constexpr std::string_view type = "stock.expired";
  order_id order;
  std::int64_t quantity = 0;
};
BOOST_DESCRIBE_STRUCT(stock_expired, (), (order, quantity))

struct stock_low {
  static constexpr std::string_view type = "stock.low";
  std::int64_t available = 0;
};
BOOST_DESCRIBE_STRUCT(stock_low, (), (available))

using event = std::variant<created, changed, withdrawn, stock_adjusted, stock_reserved, stock_rejected, stock_released,
                           stock_committed, stock_expired, stock_low>;

// -- state ------------------------------------------------------------------------------------------------------------

enum class reservation_status : std::uint8_t { live, rejected, committed, released, expired };
BOOST_DESCRIBE_ENUM(reservation_status, live, rejected, committed, released, expired)

/// What this product holds for one order. Closed ones (all but `live`) are kept until they can no longer be asked for.
struct reservation {
  reservation_status status = reservation_status::live;
  std::int64_t quantity = 0;
  /// What was available when the answer was `rejected`.
  std::int64_t available = 0;
  /// When the order of a live one is asked for; when a closed one was closed.
  timestamp expires_at;
  timestamp reserve_by;
};
BOOST_DESCRIBE_STRUCT(reservation, (), (status, quantity, available, expires_at, reserve_by))

/// A product without its reservations.
struct view {
  product_id id;
  std::string sku;
  std::string name;
  money price;
  std::int64_t on_hand = 0;
  /// The sum of the live reservations.
  std::int64_t reserved = 0;
  bool withdrawn = false;
  timestamp created_at;
  timestamp updated_at;
  std::uint64_t version = 0;
};
BOOST_DESCRIBE_STRUCT(view, (), (id, sku, name, price, on_hand, reserved, withdrawn, created_at, updated_at, version))

struct state : view {
  /// Stored as rows of their own (a hot product has thousands), not as a part of the state's JSON.
  std::unordered_map<order_id, reservation> reservations;

  [[nodiscard]] std::int64_t available() const noexcept { return on_hand - reserved; }
};
BOOST_DESCRIBE_STRUCT(state, (), (id, sku, name, price, on_hand, reserved, withdrawn, created_at, updated_at, version))

// -- commands ---------------------------------------------------------------------------------------------------------

struct create {
  product_id product;
  std::string sku;
  std::string name;
  money price;
  std::int64_t on_hand = 0;
};
BOOST_DESCRIBE_STRUCT(create, (), (product, sku, name, price, on_hand))

/// Absent fields stay as they are.
struct change {
  std::optional<std::string> sku;
  std::optional<std::string> name;
  std::optional<money> price;
};
BOOST_DESCRIBE_STRUCT(change, (), (sku, name, price))

struct withdraw {};
struct adjust {
  std::int64_t delta = 0;
  std::string reason;
  std::optional<adjustment_id> adjustment = {};
};
/// Valid until `reserve_by`: later it is refused with ec::deadline_exceeded and changes nothing.
struct reserve {
  order_id order;
  std::int64_t quantity = 0;
  timestamp reserve_by;
};
/// The goods were delivered.
struct commit {
  order_id order;
  std::int64_t quantity = 0;
};
/// A `reserve` of this order that is still under way will be refused.
struct release {
  order_id order;
  timestamp reserve_by;
};
/// Ends those of the reservations that are live and whose time is over. Their orders are over or do not exist.
struct expire {
  std::vector<order_id> reservations;
};

using command = std::variant<create, change, withdraw, adjust, reserve, commit, release, expire>;

/// The events that `cmd` leads to; none when what it asks for already holds. A `reserve` that cannot be met gives
/// stock_rejected. Fails with ec::not_found before `create`, ec::product_withdrawn for a change of a withdrawn product,
/// ec::invalid_argument when `adjust` would leave less than is reserved, ec::out_of_stock when `commit` finds its
/// reservation expired or unknown and not enough is available, ec::deadline_exceeded for a late `reserve`.
result<std::vector<event>> decide(const state& current, const command& cmd, timestamp now, const settings& options);

/// The state after `recorded`.
void apply(state& current, const event& recorded, timestamp at);

/// Forgets closed reservations that are not likely to be asked for again; the owner of the state calls it from time to
/// time. Returns those that need not be kept anywhere: a committed one must be found again when its `commit` is
/// repeated.
std::vector<order_id> forget_closed(state& current, timestamp now, const settings& options);

/// When the first order is to be asked for, if there is a live reservation.
std::optional<timestamp> next_expiry(const state& current);

/// The live reservations whose time is over, sorted: their orders are to be asked for.
std::vector<order_id> find_overdue(const state& current, timestamp now);

/// The order of the reservation is alive: it is asked for again at `until`. No event, and forgotten with the state:
/// after a load the order is asked for at once.
void prolong(state& current, const order_id& reservation, timestamp until);

} // namespace waybill::product
