#pragma once

#include "domain/base/ids.hpp"
#include "domain/base/money.hpp"
#include "domain/base/result.hpp"
#include "domain/base/time.hpp"

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// One payment of an order: what is to be done at the provider, its answers, and what is still unknown.
namespace waybill::payment {

enum class operation : std::uint8_t { authorize, capture, void_authorization, refund };
BOOST_DESCRIBE_ENUM(operation, authorize, capture, void_authorization, refund)

/// `authorizing`, `capturing`, `voiding`: the intent is recorded, the outcome is not. While a refund is under way the
/// status stays `captured`.
enum class status : std::uint8_t { none, authorizing, authorized, declined, capturing, captured, voiding, voided };
BOOST_DESCRIBE_ENUM(status, none, authorizing, authorized, declined, capturing, captured, voiding, voided)

// -- events -----------------------------------------------------------------------------------------------------------

/// Written before the provider is called. `key` is the provider's idempotency key: `<payment>/<operation>`, of a refund
/// `<payment>/refund/<refund>`, the same on every retry for ever.
struct intent_recorded {
  static constexpr std::string_view type = "payment.intent_recorded";
  static constexpr std::array hidden{"token"};
  payment_id payment;
  order_id order;
  customer_id customer;
  payment::operation operation = payment::operation::authorize;
  std::string key;
  money amount;
  std::string method;
  std::string token;
  /// The refund, if the operation is one.
  std::optional<refund_id> refund{};
};
BOOST_DESCRIBE_STRUCT(intent_recorded, (), (payment, order, customer, operation, key, amount, method, token, refund))

struct authorized {
  static constexpr std::string_view type = "payment.authorized";
  money amount;
  /// The provider's own name for the charge.
  std::string reference;
};
BOOST_DESCRIBE_STRUCT(authorized, (), (amount, reference))

/// The provider refused `operation` for good.
struct declined {
  static constexpr std::string_view type = "payment.declined";
  payment::operation operation = payment::operation::authorize;
  std::string reason;
};
BOOST_DESCRIBE_STRUCT(declined, (), (operation, reason))

/// No answer to the operation with `key` in time: it may or may not have happened.
struct unknown {
  static constexpr std::string_view type = "payment.unknown";
  payment::operation operation = payment::operation::authorize;
  std::string key;
};
BOOST_DESCRIBE_STRUCT(unknown, (), (operation, key))

struct captured {
  static constexpr std::string_view type = "payment.captured";
  money amount;
};
BOOST_DESCRIBE_STRUCT(captured, (), (amount))

struct voided {
  static constexpr std::string_view type = "payment.voided";
  /// What was authorised until now; zero when the provider had authorised nothing.
  money amount;
  /// Named because this may be the first event of the payment.
  payment_id payment{};
};
BOOST_DESCRIBE_STRUCT(voided, (), (amount, payment))

struct refunded {
  static constexpr std::string_view type = "payment.refunded";
  /// In schema 1 a refund had no id.
  static constexpr std::uint16_t schema = 2;
  money amount;
  refund_id refund;
};
BOOST_DESCRIBE_STRUCT(refunded, (), (amount, refund))

using event = std::variant<intent_recorded, authorized, declined, unknown, captured, voided, refunded>;

// -- state ------------------------------------------------------------------------------------------------------------

/// An operation whose outcome is not recorded yet.
struct intent {
  payment::operation operation = payment::operation::authorize;
  std::string key;
  money amount;
  /// The provider did not answer in time at least once: ask for it by its key before doing anything else.
  bool unknown = false;
  timestamp since;
  std::optional<refund_id> refund{};
};
BOOST_DESCRIBE_STRUCT(intent, (), (operation, key, amount, unknown, since, refund))

enum class refund_status : std::uint8_t { pending, refunded, declined };
BOOST_DESCRIBE_ENUM(refund_status, pending, refunded, declined)

struct refund {
  refund_id id;
  money amount;
  refund_status status = refund_status::pending;
  /// Why it was declined.
  std::string reason;
};
BOOST_DESCRIBE_STRUCT(refund, (), (id, amount, status, reason))

struct state {
  static constexpr std::array hidden{"token"};
  payment_id id;
  order_id order;
  customer_id customer;
  payment::status status = payment::status::none;
  money amount;
  std::string method;
  std::string token;
  std::string reference;
  money authorized;
  money captured;
  money refunded;
  std::string decline_reason;
  std::optional<intent> under_way;
  timestamp created_at;
  timestamp updated_at;
  std::uint64_t version = 0;
  /// In the order of their intents.
  std::vector<refund> refunds;
};
BOOST_DESCRIBE_STRUCT(state, (),
                      (id, order, customer, status, amount, method, token, reference, authorized, captured, refunded,
                       decline_reason, under_way, created_at, updated_at, version, refunds))

/// Null when there is none of that id.
const refund* find_refund(const state& current, const refund_id& id) noexcept;

// -- commands ---------------------------------------------------------------------------------------------------------

struct authorize {
  payment_id payment;
  order_id order;
  customer_id customer;
  money amount;
  std::string method;
  std::string token;
};
/// Captures all that is authorised.
struct capture {};
/// Gives the authorisation back. Before `authorize` was ever seen it closes the payment, so that a late `authorize` is
/// refused; while an authorisation is under way it is first resolved, then voided.
struct void_authorization {
  payment_id payment;
};
/// Gives captured money back, at most once per id.
struct give_back {
  refund_id refund;
  money amount;
};
/// The provider carried out the operation under way. `key` says which operation the answer is about, here and below: an
/// answer about another operation than the one under way is refused. Empty means the one under way.
struct record_approved {
  std::string reference;
  std::string key{};
};
/// The provider refused it for good, or never did it and never will.
struct record_declined {
  std::string reason;
  std::string key{};
};
/// The provider did not answer in time.
struct record_unknown {
  std::string key{};
};

using command =
  std::variant<authorize, capture, void_authorization, give_back, record_approved, record_declined, record_unknown>;

/// The events that `cmd` leads to; none when what it asks for already holds or is under way. Fails with
/// ec::illegal_transition when the status forbids it (a capture of what is not authorised, an authorisation of what was
/// voided), ec::idempotency_key_reused when `authorize` or `give_back` names another order or amount than the first
/// one, ec::invalid_argument for a refund of more than is left, ec::conflict while another refund is under way.
result<std::vector<event>> decide(const state& current, const command& cmd, timestamp now);

/// The state after `recorded`.
void apply(state& current, const event& recorded, timestamp at);

/// Nothing is under way with the provider.
bool is_at_rest(const state& current) noexcept;

} // namespace waybill::payment
