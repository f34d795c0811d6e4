#pragma once

#include "messages/payments.hpp"
#include "outbound/http_client.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace waybill {

/// What an answer over HTTP, or the lack of one, means. Pure.
struct read_answer {
  /// Whether the provider works.
  enum class health : std::uint8_t { well, ill, unknown };

  /// None: whether the operation happened is open.
  std::optional<provider_answer> answer;
  health provider = health::well;
  /// For the log; empty when nothing is wrong. Holds no secret.
  std::string complaint;
};

/// Reads the answer to a call. Only an answer that names this key and operation says what happened; the outcome of any
/// other answer after which the call may have had an effect stays open.
read_answer read_call_answer(const std::string& key, payment::operation operation, const outbound::http_result& from);

/// Reads the answer to a look-up. "Not found" is final only in the answer to a look-up that closes the key, about this
/// key: otherwise the provider may not have seen the call yet.
read_answer read_lookup_answer(const std::string& key, bool close, const outbound::http_result& from);

} // namespace waybill
