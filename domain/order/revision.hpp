#pragma once

#include "domain/base/time.hpp"
#include "domain/order/lines.hpp"

#include <boost/describe/enum.hpp>

#include <optional>
#include <string_view>
#include <vector>

/// Changes of an order that is not dispatched. The address and the note are changed at once. Other lines are a small
/// saga inside of the order: goods and money for them are got first, under numbers of their own, then one event makes
/// them the order's, and what it had until then is given back; or what was got is given back, and the order is as it
/// was.
namespace waybill::order {

/// Why a revision came to nothing. `order_ended`: the order was cancelled or rejected in the meantime.
enum class refusal : std::uint8_t { out_of_stock, payment_declined, too_late, order_ended };
BOOST_DESCRIBE_ENUM(refusal, out_of_stock, payment_declined, too_late, order_ended)

// -- events -----------------------------------------------------------------------------------------------------------

/// Only what is new.
struct changed {
  static constexpr std::string_view type = "order.changed";
  std::optional<recipient> delivery;
  std::optional<std::string> note;
};
BOOST_DESCRIBE_STRUCT(changed, (), (delivery, note))

struct revision_requested {
  static constexpr std::string_view type = "order.revision_requested";
  /// Counts from 1, those that are refused included.
  std::uint32_t number = 0;
  std::vector<line> lines;
  money total;
  /// The total is another one: it is authorised anew, as payment `number`.
  bool pays = false;
  std::optional<recipient> delivery;
  std::optional<std::string> note;
  /// Tells a repeated request from a new one.
  std::string intent;
  timestamp step_by;
};
BOOST_DESCRIBE_STRUCT(revision_requested, (), (number, lines, total, pays, delivery, note, intent, step_by))

/// The order is what the revision wanted.
struct revised {
  static constexpr std::string_view type = "order.revised";
  std::uint32_t number = 0;
  std::vector<line> lines;
  money total;
  timestamp step_by;
};
BOOST_DESCRIBE_STRUCT(revised, (), (number, lines, total, step_by))

/// The order is as it was.
struct revision_refused {
  static constexpr std::string_view type = "order.revision_refused";
  std::uint32_t number = 0;
  refusal because = refusal::too_late;
  std::string detail;
  timestamp step_by;
};
BOOST_DESCRIBE_STRUCT(revision_refused, (), (number, because, detail, step_by))

/// What the order needs no more is given back.
struct revision_closed {
  static constexpr std::string_view type = "order.revision_closed";
  std::uint32_t number = 0;
  timestamp step_by;
};
BOOST_DESCRIBE_STRUCT(revision_closed, (), (number, step_by))

// -- state ------------------------------------------------------------------------------------------------------------

/// What was changed since, as it was ordered: a repeated request is answered with it.
struct original {
  std::vector<line> lines;
  money total;
  recipient delivery;
  std::string note;
};
BOOST_DESCRIBE_STRUCT(original, (), (lines, total, delivery, note))

/// A revision that is under way.
struct revision {
  std::uint32_t number = 0;
  std::vector<line> lines;
  money total;
  bool pays = false;
  std::optional<recipient> delivery;
  std::optional<std::string> note;
  /// Up to when stock may be reserved for it.
  timestamp reserve_by;
};
BOOST_DESCRIBE_STRUCT(revision, (), (number, lines, total, pays, delivery, note, reserve_by))

/// What is to be given back: the goods under a number, and the money if it was authorised under one.
struct leftover {
  std::uint32_t stock = 0;
  std::vector<product_id> products;
  timestamp reserve_by;
  std::optional<std::uint32_t> payment;
};
BOOST_DESCRIBE_STRUCT(leftover, (), (stock, products, reserve_by, payment))

struct refused_revision {
  std::uint32_t number = 0;
  refusal because = refusal::too_late;
  std::string detail;
};
BOOST_DESCRIBE_STRUCT(refused_revision, (), (number, because, detail))

struct revisions {
  /// The number of the last one, and the intent it came with.
  std::uint32_t last = 0;
  std::string intent;
  /// Under which number the order's goods are reserved and its money is authorised: 0 as it was placed.
  std::uint32_t stock = 0;
  std::uint32_t payment = 0;
  /// Up to when the order's goods could be reserved, if not as it was placed.
  std::optional<timestamp> reserve_by;
  std::optional<revision> wanted;
  std::optional<order::leftover> leftover;
  /// The last one, if it was refused.
  std::optional<refused_revision> refused;
};
BOOST_DESCRIBE_STRUCT(revisions, (), (last, intent, stock, payment, reserve_by, wanted, leftover, refused))

/// The id under which an order holds goods, or pays, since its revision `number`: `<id>.<number>`, and its own for 0.
/// A number is used once, so that what was given back cannot be mixed up with what is held.
order_id reservation_of(const order_id& order, std::uint32_t number);
payment_id payment_of(const order_id& order, std::uint32_t number);

/// The part of such an id that is the same for all numbers.
std::string_view without_number(std::string_view id) noexcept;

// -- commands ---------------------------------------------------------------------------------------------------------

/// Absent fields stay as they are.
struct change {
  std::optional<recipient> delivery;
  std::optional<std::string> note;
};
struct revise {
  std::string intent;
  std::vector<line> lines;
  std::optional<recipient> delivery;
  std::optional<std::string> note;
};
/// Goods and money for revision `number` are there.
struct record_revised {
  std::uint32_t number = 0;
};
struct record_revision_refused {
  std::uint32_t number = 0;
  refusal because = refusal::too_late;
  std::string detail;
};
/// What revision `number` left over is given back.
struct record_revision_closed {
  std::uint32_t number = 0;
};

} // namespace waybill::order
