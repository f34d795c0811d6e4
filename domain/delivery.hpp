#pragma once

#include "domain/base/ids.hpp"
#include "domain/base/result.hpp"
#include "domain/base/time.hpp"

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// A delivery brings one order to its recipient. It is offered to couriers, one at a time, until one completes it.
namespace waybill::delivery {

enum class status : std::uint8_t { none, requested, offered, assigned, started, completed, failed, cancelled };
BOOST_DESCRIBE_ENUM(status, none, requested, offered, assigned, started, completed, failed, cancelled)

/// How long a person has for each step where simulated couriers, who are quicker, are asked as well.
struct people_limits {
  milliseconds answer_within{60'000};
  milliseconds start_within{15 * 60'000};
  milliseconds finish_within{120 * 60'000};
};

/// How often and how long.
struct settings {
  /// After so many offers without success the delivery has failed.
  std::uint32_t max_attempts = 5;
  /// These three where all couriers are of one kind, and for simulated ones.
  milliseconds answer_within{2'000};
  milliseconds start_within{10'000};
  milliseconds finish_within{10 * 60'000};
  people_limits people;
  /// A delivery that has been without a courier for so long since it was requested has failed.
  milliseconds find_within{20 * 60'000};
  /// After an attempt without success, couriers who were asked before are not asked again for so long.
  milliseconds ask_again_after{30'000};
};

// -- events -----------------------------------------------------------------------------------------------------------

struct requested {
  static constexpr std::string_view type = "delivery.requested";
  delivery_id delivery;
  order_id order;
  customer_id customer;
  std::string name;
  std::string address;
};
BOOST_DESCRIBE_STRUCT(requested, (), (delivery, order, customer, name, address))

struct offered {
  static constexpr std::string_view type = "delivery.offered";
  /// Counts from 1.
  std::uint32_t attempt = 0;
  courier_id courier;
  timestamp step_by;
  /// True when the courier is a person, where simulated ones are asked as well; left out otherwise.
  std::optional<bool> to_person;
};
BOOST_DESCRIBE_STRUCT(offered, (), (attempt, courier, step_by, to_person))

struct declined {
  static constexpr std::string_view type = "delivery.declined";
  std::uint32_t attempt = 0;
  courier_id courier;
  std::string reason;
};
BOOST_DESCRIBE_STRUCT(declined, (), (attempt, courier, reason))

struct assigned {
  static constexpr std::string_view type = "delivery.assigned";
  std::uint32_t attempt = 0;
  courier_id courier;
  timestamp step_by;
};
BOOST_DESCRIBE_STRUCT(assigned, (), (attempt, courier, step_by))

struct started {
  static constexpr std::string_view type = "delivery.started";
  std::uint32_t attempt = 0;
  courier_id courier;
  timestamp step_by;
};
BOOST_DESCRIBE_STRUCT(started, (), (attempt, courier, step_by))

struct aborted {
  static constexpr std::string_view type = "delivery.aborted";
  std::uint32_t attempt = 0;
  courier_id courier;
  std::string reason;
};
BOOST_DESCRIBE_STRUCT(aborted, (), (attempt, courier, reason))

struct completed {
  static constexpr std::string_view type = "delivery.completed";
  std::uint32_t attempt = 0;
  courier_id courier;
};
BOOST_DESCRIBE_STRUCT(completed, (), (attempt, courier))

struct failed {
  static constexpr std::string_view type = "delivery.failed";
  std::string reason;
};
BOOST_DESCRIBE_STRUCT(failed, (), (reason))

struct cancelled {
  static constexpr std::string_view type = "delivery.cancelled";
  /// 2: with the courier who loses it. Older ones name none.
  static constexpr std::uint16_t schema = 2;
  delivery_id delivery;
  courier_id courier;
};
BOOST_DESCRIBE_STRUCT(cancelled, (), (delivery, courier))

using event = std::variant<requested, offered, declined, assigned, started, aborted, completed, failed, cancelled>;

// -- state ------------------------------------------------------------------------------------------------------------

struct state {
  delivery_id id;
  order_id order;
  customer_id customer;
  std::string name;
  std::string address;
  delivery::status status = delivery::status::none;
  /// The number of offers made so far.
  std::uint32_t attempt = 0;
  /// Who has the job now, or who completed it.
  courier_id courier;
  /// Couriers who lost it: declined, gave no answer, aborted, or had it when it was cancelled. They are asked last.
  std::vector<courier_id> tried;
  std::string reason;
  /// When the courier's answer, start or completion is due.
  std::optional<timestamp> step_by;
  /// Whether the last offer was to a person; nothing while no offer said so.
  std::optional<bool> to_person;
  timestamp created_at;
  timestamp updated_at;
  std::uint64_t version = 0;
};
BOOST_DESCRIBE_STRUCT(state, (),
                      (id, order, customer, name, address, status, attempt, courier, tried, reason, step_by, to_person,
                       created_at, updated_at, version))

/// completed, failed or cancelled.
bool is_final(status s) noexcept;

/// The delivery has ended in a way that its order must learn from it, so it is not over before the order has heard of
/// it. The order asks by itself in the first seconds: the end of a quick delivery needs no such care.
bool word_is_kept(const state& current) noexcept;

// -- commands ---------------------------------------------------------------------------------------------------------

struct request {
  delivery_id delivery;
  order_id order;
  customer_id customer;
  std::string name;
  std::string address;
};
struct offer {
  courier_id courier;
  bool to_person = false;
};
/// What a courier answers or reports about attempt `attempt`. For an earlier attempt than the current one it is refused
/// with ec::conflict: that courier lost the delivery.
struct accept {
  std::uint32_t attempt = 0;
};
struct decline {
  std::uint32_t attempt = 0;
  std::string reason;
};
struct start {
  std::uint32_t attempt = 0;
};
struct complete {
  std::uint32_t attempt = 0;
};
struct abort {
  std::uint32_t attempt = 0;
  std::string reason;
};
/// The courier has not answered, started or completed in time. Does nothing before that time is over.
struct give_up_attempt {};
/// No courier was found in time. Does nothing before that time is over, or while a courier has the delivery or is
/// asked.
struct give_up_search {};
/// Possible until a courier has started; closes a delivery that was never requested, so that a late request is refused.
struct cancel {
  delivery_id delivery;
};

using command =
  std::variant<request, offer, accept, decline, start, complete, abort, give_up_attempt, give_up_search, cancel>;

/// The events that `cmd` leads to; none when what it asks for already holds. The last attempt that comes to nothing
/// gives `failed` as well. Fails with ec::illegal_transition when the status forbids the command.
result<std::vector<event>> decide(const state& current, const command& cmd, timestamp now, const settings& options);

/// When the search for a courier is given up; nothing while one is found.
std::optional<timestamp> search_ends(const state& current, const settings& options) noexcept;

/// How long the courier has for what is due from them now.
milliseconds step_limit(const state& current, const settings& options) noexcept;

/// The state after `recorded`.
void apply(state& current, const event& recorded, timestamp at);

} // namespace waybill::delivery
