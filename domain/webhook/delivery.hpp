#pragma once

#include "domain/base/ids.hpp"
#include "domain/base/time.hpp"

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The attempts to deliver one message to a webhook endpoint. Pure, so that the schedule is tested without a clock.
namespace waybill::webhook {

enum class delivery_status : std::uint8_t { pending, delivered, failed };
BOOST_DESCRIBE_ENUM(delivery_status, pending, delivered, failed)

struct delivery_settings {
  /// What passes between one attempt and the next (Standard Webhooks, "Deliverability and reliability"); the first one
  /// is made at once. After the last one the message has failed.
  std::vector<milliseconds> schedule{std::chrono::seconds{5}, std::chrono::minutes{5}, std::chrono::minutes{30},
                                     std::chrono::hours{2},   std::chrono::hours{5},   std::chrono::hours{10},
                                     std::chrono::hours{14},  std::chrono::hours{20},  std::chrono::hours{24}};
  /// A wait is longer by up to this part of it, in percent: receivers that were away do not get everything at once.
  std::uint32_t jitter_percent = 20;
  /// A longer Retry-After is cut to this.
  milliseconds longest_retry_after{std::chrono::hours{24}};
};

/// The outcome of one attempt; `status` is zero without an answer.
struct attempt {
  std::uint32_t status = 0;
  /// Why there is no answer: a sentence.
  std::string error;
  milliseconds took{0};
  std::optional<milliseconds> retry_after;
  timestamp at;
};

/// A message and its attempts.
struct delivery {
  delivery_status status = delivery_status::pending;
  std::uint32_t attempts = 0;
  /// Of the last attempt; zero without an answer.
  std::uint32_t last_status = 0;
  std::string last_error;
  std::int64_t last_duration_ms = 0;
  /// While it is pending.
  std::optional<timestamp> next_attempt_at;
  timestamp created_at;
  timestamp changed_at;
  friend bool operator==(const delivery&, const delivery&) = default;
};
BOOST_DESCRIBE_STRUCT(delivery, (),
                      (status, attempts, last_status, last_error, last_duration_ms, next_attempt_at, created_at,
                       changed_at))

enum class verdict : std::uint8_t {
  delivered,
  /// To be retried at `next_attempt_at`.
  again,
  /// The schedule is at its end.
  failed,
  /// The receiver refuses all further messages (410); this one stays pending, in case the endpoint is enabled again.
  gone
};

/// A message that is to be sent at once.
delivery new_delivery(timestamp now);

/// Records an attempt. `random` is any number, for the jitter; no wait is shorter than in the schedule (G5).
verdict take_attempt(delivery& target, const attempt& last, const delivery_settings& settings, std::uint32_t random);

/// The `webhook-id` of the message about an event: the same for every endpoint, attempt and replay, so that receivers
/// can recognise a message that they have got before. Without a full stop, which separates it from the time in what is
/// signed.
webhook_message_id message_of(std::string_view event_id);

/// What `Retry-After` asks for: seconds, or a date of RFC 9110 (IMF-fixdate only); nothing for any other text.
std::optional<milliseconds> read_retry_after(std::string_view text, timestamp now);

} // namespace waybill::webhook
