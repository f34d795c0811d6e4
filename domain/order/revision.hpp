#pragma once

#include "domain/base/time.hpp"
#include "domain/order/lines.hpp"

#include <boost/describe/enum.hpp>

#include <optional>
#include <string_view>
#include <vector>

/// Changes of an order that is not dispatched. The address and the note are changed at once. New lines need a small
/// saga inside of the order: stock and money for them are reserved and authorised first, under a number of their own.
/// Then either one event makes the new lines the order's, and its old stock and money are given back; or the revision
/// is refused, the new stock and money are given back, and the order stays as it was.
namespace waybill::order {

/// Why a revision was refused. `order_ended`: the order was cancelled or rejected in the meantime.
enum class refusal : std::uint8_t { out_of_stock, payment_declined, too_late, order_ended };
BOOST_DESCRIBE_ENUM(refusal, out_of_stock, payment_declined, too_late, order_ended)

// -- events -----------------------------------------------------------------------------------------------------------

/// Only the changed ones.
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
  /// The total differs from the order's: it is authorised as payment `number`.
  bool pays = false;
  std::optional<recipient> delivery;
  std::optional<std::string> note;
  /// Tells a repeated request from a new one.
  std::string intent;
  timestamp step_by;
};
BOOST_DESCRIBE_STRUCT(revision_requested, (), (number, lines, total, pays, delivery, note, intent, step_by))

/// The order has the lines of the revision.
struct revised {
  static constexpr std::string_view type = "order.revised";
  std::uint32_t number = 0;
  std::vector<line> lines;
  money total;
  timestamp step_by;
};
BOOST_DESCRIBE_STRUCT(revised, (), (number, lines, total, step_by))

/// The order stays as it was.
struct revision_refused {
  static constexpr std::string_view type = "order.revision_refused";
  std::uint32_t number = 0;
  refusal because = refusal::too_late;
  std::string detail;
  timestamp step_by;
};
BOOST_DESCRIBE_STRUCT(revision_refused, (), (number, because, detail, step_by))

/// The stock and money that the order does not need any more are given back.
struct revision_closed {
  static constexpr std::string_view type = "order.revision_closed";
  std::uint32_t number = 0;
  timestamp step_by;
};
BOOST_DESCRIBE_STRUCT(revision_closed, (), (number, step_by))

// -- state ------------------------------------------------------------------------------------------------------------

/// The order as it was placed, before any change: a repeated request is answered with it.
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

/// What must be given back: the stock under a number, and the money if it was authorised under a number.
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
/// Stock and money for revision `number` are reserved and authorised.
struct record_revised {
  std::uint32_t number = 0;
};
struct record_revision_refused {
  std::uint32_t number = 0;
  refusal because = refusal::too_late;
  std::string detail;
};
/// The leftover of revision `number` is given back.
struct record_revision_closed {
  std::uint32_t number = 0;
};

} // namespace waybill::order
