#pragma once

#include "brokers/consumer.hpp"

#include <boost/describe/enum.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace waybill::source_door {

/// The answer to `POST /v1/orders`.
struct order_answer {
  unsigned status = 503;
  /// When it says that trying again is for later.
  std::chrono::seconds retry_after{0};
  /// The order, or a problem (RFC 9457).
  std::string body;
};

/// What becomes of a message.
enum class outcome : std::uint8_t { placed, dead, retried };
BOOST_DESCRIBE_ENUM(outcome, placed, dead, retried)

/// A message that is answered with a defect of ours so often is a dead letter: it may be the cause.
inline constexpr unsigned most_defects = 5;

/// Whether something went wrong that should not, as 500 says.
bool is_defect(const order_answer& answer) noexcept;

/// What becomes of a message that is answered so, with so many defects up to now. What is wrong with the message makes
/// it a dead letter; what may pass, and what is wrong with the key that the source has (401, 403), does not.
outcome judge(const order_answer& answer, unsigned defects);

/// Why it is a dead letter: the problem in the answer, without its list of single errors where that is long.
brokers::rejection rejection_of(const order_answer& answer);

/// Of a message that could not be read; a problem with status 422, `fault` its detail.
brokers::rejection unreadable(const std::string& fault);

} // namespace waybill::source_door
