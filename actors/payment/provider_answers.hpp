#pragma once

#include "messages/payments.hpp"
#include "outbound/http_client.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace waybill {

/// What an answer over HTTP, or its absence, means. Pure.
struct read_answer {
  /// How the provider itself seems to be.
  enum class health : std::uint8_t { well, ill, unknown };

  /// None: whether the operation happened is open.
  std::optional<provider_answer> answer;
  health provider = health::well;
  /// For whoever looks after the node; empty when all is well. Holds no secret.
  std::string complaint;
};

/// To the call of `key`. What happened is taken from an answer about this key and operation only; everything that can
/// have had an effect, and does not say which, stays open.
read_answer read_call_answer(const std::string& key, payment::operation operation, const outbound::http_result& from);

/// To a question for `key`. Only an answer to one that closes the key, and says so about this key, is final: that the
/// provider does not know the key means nothing more than that it has not seen it yet.
read_answer read_lookup_answer(const std::string& key, bool close, const outbound::http_result& from);

} // namespace waybill
