#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace waybill {

/// An opaque identifier of one kind of thing: `<prefix>_<20 characters of Crockford's base 32>`, so that an order's id
/// cannot be passed where a product's is meant. An empty value means "none".
template <class Tag>
struct id {
  std::string value;

  id() = default;
  explicit id(std::string text) : value(std::move(text)) {}

  static constexpr std::string_view prefix() { return Tag::prefix; }
  [[nodiscard]] bool empty() const noexcept { return value.empty(); }
  friend auto operator<=>(const id&, const id&) = default;
};

struct order_tag {
  static constexpr std::string_view prefix = "ord_";
};
struct product_tag {
  static constexpr std::string_view prefix = "prd_";
};
struct payment_tag {
  static constexpr std::string_view prefix = "pay_";
};
struct delivery_tag {
  static constexpr std::string_view prefix = "dlv_";
};
struct customer_tag {
  static constexpr std::string_view prefix = "cus_";
};
struct courier_tag {
  static constexpr std::string_view prefix = "cur_";
};
struct notification_tag {
  static constexpr std::string_view prefix = "ntf_";
};
struct user_tag {
  static constexpr std::string_view prefix = "usr_";
};
struct session_tag {
  static constexpr std::string_view prefix = "ses_";
};
struct service_key_tag {
  static constexpr std::string_view prefix = "key_";
};
struct refund_tag {
  static constexpr std::string_view prefix = "rfd_";
};
struct adjustment_tag {
  static constexpr std::string_view prefix = "adj_";
};
struct webhook_tag {
  static constexpr std::string_view prefix = "whk_";
};
struct bulk_action_tag {
  static constexpr std::string_view prefix = "blk_";
};
/// Of functions, whose ids end with their names instead.
struct function_tag {
  static constexpr std::string_view prefix = "fun_";
};
struct sink_tag {
  static constexpr std::string_view prefix = "snk_";
};
struct webhook_message_tag {
  static constexpr std::string_view prefix = "msg_";
};

using order_id = id<order_tag>;
using product_id = id<product_tag>;
using payment_id = id<payment_tag>;
using delivery_id = id<delivery_tag>;
using customer_id = id<customer_tag>;
using courier_id = id<courier_tag>;
using notification_id = id<notification_tag>;
using user_id = id<user_tag>;
using session_id = id<session_tag>;
using service_key_id = id<service_key_tag>;
using refund_id = id<refund_tag>;
using adjustment_id = id<adjustment_tag>;
using webhook_id = id<webhook_tag>;
using bulk_action_id = id<bulk_action_tag>;
using function_id = id<function_tag>;
using sink_id = id<sink_tag>;
using webhook_message_id = id<webhook_message_tag>;

/// The part of an id after its prefix that is new each time: 48 bits of the time in milliseconds, then 52 random bits
/// (the idea of ULID, 20 characters instead of 26). Sorts by time of making. Thread-safe.
std::string make_id_suffix();

/// The part of an id after its prefix that follows from `text` alone (100 bits of its SHA-256): the same text gives
/// the same id on every node and after every restart.
std::string derive_id_suffix(std::string_view text);

/// The same for something that happened at `at`, by which it sorts, as if it had been made then.
std::string derive_id_suffix(std::string_view text, std::chrono::system_clock::time_point at);

/// Whether `text` is `prefix` followed by 20 characters of the id alphabet.
bool is_id(std::string_view text, std::string_view prefix) noexcept;

template <class Id>
Id make_id() {
  return Id{std::string{Id::prefix()} + make_id_suffix()};
}

template <class Id>
Id derive_id(std::string_view text) {
  return Id{std::string{Id::prefix()} + derive_id_suffix(text)};
}

template <class Id>
Id derive_id(std::string_view text, std::chrono::system_clock::time_point at) {
  return Id{std::string{Id::prefix()} + derive_id_suffix(text, at)};
}

/// The id of another kind with the same suffix: an order's one payment and one delivery are found without a look-up.
template <class To, class From>
To sibling_id(const From& from) {
  return To{std::string{To::prefix()} + from.value.substr(From::prefix().size())};
}

} // namespace waybill

template <class Tag>
struct std::hash<waybill::id<Tag>> {
  std::size_t operator()(const waybill::id<Tag>& x) const noexcept { return std::hash<std::string>{}(x.value); }
};
