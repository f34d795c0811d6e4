#pragma once

#include "domain/base/time.hpp"
#include "messages/actors.hpp"
#include "messages/cluster/known_troubles.hpp"
#include "outbound/circuit_breaker.hpp"

#include <caf/fwd.hpp>

#include <memory>
#include <string>

namespace waybill::outbound {
class http_client;
}
namespace waybill::tracing {
class tracer;
}

namespace waybill {

struct http_provider_settings {
  /// `https://psp.example/base`; the paths of docs/payment-provider.md are appended.
  std::string url = {};
  /// Sent as a Bearer token.
  std::string secret = {};
  /// For a whole call, from its place in the queue to the last octet of the answer.
  milliseconds timeout{2'000};
  outbound::breaker_settings breaker = {};
};

/// A payment provider behind HTTP, as docs/payment-provider.md has it: each call under its stable Idempotency-Key. It
/// repeats nothing by itself; its answer says whether the payment may safely repeat the call:
/// - `try_again` when the provider has surely not seen the call, or has said that it did nothing with it (no
///   connection, a full queue, 429, 503, an open circuit breaker);
/// - approved and declined when the provider said so about this key;
/// - an error when the outcome is open (no answer in time, a broken connection, 500, an answer that makes no sense,
///   `pending`): the payment then asks for the key.
///
/// The circuit breaker counts answers that show that the provider does not work; while it is open, nothing is sent.
///
/// With a `tracer`, the calls of traced payments are spans and carry a traceparent.
///
/// The time-outs of a client are for all its users, so `client` is for this actor alone; it must be stopped before the
/// actor system ends. `url` must be one that outbound::parse_http_url takes. `troubles` is told while the circuit
/// breaker is open; it may be null. Ends with send_exit.
payment_provider_actor spawn_http_provider(caf::actor_system& sys, const http_provider_settings& settings,
                                           std::shared_ptr<outbound::http_client> client,
                                           std::shared_ptr<tracing::tracer> tracer = nullptr,
                                           std::shared_ptr<known_troubles> troubles = nullptr);

} // namespace waybill
