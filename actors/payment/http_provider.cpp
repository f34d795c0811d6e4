#include "actors/payment/http_provider.hpp"

#include "actors/entity/entity_support.hpp"
#include "actors/payment/provider_answers.hpp"
#include "actors/support/client_span.hpp"
#include "actors/support/http_calls.hpp"
#include "domain/base/errors.hpp"
#include "domain/base/log.hpp"
#include "domain/json/codec.hpp"
#include "messages/provider_protocol.hpp"
#include "outbound/http_client.hpp"

#include <caf/actor_system.hpp>
#include <caf/telemetry/counter.hpp>
#include <caf/telemetry/gauge.hpp>
#include <caf/telemetry/metric_registry.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <utility>

namespace waybill {

namespace {

using adapter_actor = payment_provider_actor::extend<answers_arrived>;

class http_provider_state {
public:
  static inline const char* name = "waybill.http_provider";

  http_provider_state(adapter_actor::pointer self, http_provider_settings settings,
                      std::shared_ptr<outbound::http_client> client, std::shared_ptr<tracing::tracer> tracer,
                      std::shared_ptr<known_troubles> troubles)
    : self_(self), tracer_(std::move(tracer)), settings_(std::move(settings)), troubles_(std::move(troubles)),
      base_(outbound::parse_http_url(settings_.url).value()), calls_(std::move(client)), breaker_(settings_.breaker),
      calls_metric_(self->system().metrics().counter_family("waybill.payment", "provider-calls", {"call", "outcome"},
                                                            "Calls to the payment provider over HTTP.", "1", true)),
      circuit_metric_(self->system().metrics().gauge_singleton(
        "waybill.payment", "provider-circuit",
        "The circuit breaker towards the payment provider: 0 closed, 1 open, 2 half-open.", "1")) {}

  adapter_actor::behavior_type make_behavior() {
    return {
      [this](const provider_request& request) { return call(request); },
      [this](const provider_lookup& lookup) { return look_up(lookup); },
      [this](caf::tick_atom) {
        calls_.take_answers([this](open_call& call, const outbound::http_result& answer) { finish(call, answer); });
      },
    };
  }

private:
  using promise_type = caf::typed_response_promise<provider_answer>;
  using health = read_answer::health;

  struct open_call {
    promise_type promise;
    outbound::circuit_breaker::ticket ticket;
    std::string key;
    /// None for a look-up.
    std::optional<payment::operation> operation;
    bool close = false;
    std::string traceparent;
    std::optional<tracing::span> span = {};
  };

  // -- asking ---------------------------------------------------------------------------------------------------------

  caf::result<provider_answer> call(const provider_request& request) {
    auto http = request_to(std::string{provider_protocol::operations_path}, "POST");
    http.headers.emplace_back("Idempotency-Key", request.key);
    http.repeatable = true;
    http.body = encode(provider_protocol::operation_request{request.operation, request.payment.value, request.amount,
                                                            request.method, request.token, request.reference});
    return send(std::move(http), {{}, {}, request.key, request.operation, false, request.traceparent});
  }

  caf::result<provider_answer> look_up(const provider_lookup& lookup) {
    auto path = std::string{provider_protocol::operations_path} + '/' + outbound::percent_encode(lookup.key);
    if (lookup.close)
      path += provider_protocol::close_suffix;
    auto http = request_to(path, lookup.close ? "POST" : "GET");
    http.repeatable = true;
    return send(std::move(http), {{}, {}, lookup.key, std::nullopt, lookup.close, lookup.traceparent});
  }

  outbound::http_request request_to(const std::string& path, const char* method) const {
    outbound::http_request request;
    request.method = method;
    request.url = base_.below(path);
    request.headers.emplace_back("Accept", "application/json");
    if (!settings_.secret.empty())
      request.headers.emplace_back("Authorization", "Bearer " + settings_.secret);
    request.timeout = settings_.timeout;
    return request;
  }

  caf::result<provider_answer> send(outbound::http_request request, open_call open) {
    const auto before = breaker_.current();
    const auto ticket = breaker_.admit(self_->clock().now());
    show_circuit(before);
    if (!ticket) {
      count(open, "circuit_open");
      return provider_answer{provider_outcome::try_again, {}, "the payment provider is not available"};
    }
    open.ticket = *ticket;
    open.span = begin_client_span(tracer_, open.traceparent, span_name(open, request), request);
    if (open.span)
      open.span->set("waybill.payment.key", open.key);
    open.promise = self_->make_response_promise<provider_answer>();
    auto promise = open.promise;
    calls_.send(adapter_actor{self_}, std::move(request), std::move(open));
    return promise;
  }

  static std::string span_name(const open_call& open, const outbound::http_request& request) {
    const std::string path{provider_protocol::operations_path};
    if (open.operation)
      return request.method + ' ' + path;
    return request.method + ' ' + path + "/{key}" + (open.close ? std::string{provider_protocol::close_suffix} : "");
  }

  // -- answers --------------------------------------------------------------------------------------------------------

  void finish(open_call& open, const outbound::http_result& result) {
    if (open.span)
      end_client_span(*tracer_, std::move(*open.span), result);
    const auto read = open.operation ? read_call_answer(open.key, *open.operation, result)
                                     : read_lookup_answer(open.key, open.close, result);
    tell_breaker(open.ticket, read.provider);
    if (!read.complaint.empty())
      complain(open.key, read.complaint);
    count(open, read.answer ? waybill::name_of(read.answer->outcome) : "unknown");
    if (read.answer)
      open.promise.deliver(*read.answer);
    else
      open.promise.deliver(to_error({ec::timed_out, "the payment provider has not said what happened"}));
  }

  void tell_breaker(outbound::circuit_breaker::ticket ticket, health provider) {
    const auto before = breaker_.current();
    const auto time = self_->clock().now();
    switch (provider) {
      case health::well: breaker_.succeeded(ticket); break;
      case health::ill: breaker_.failed(ticket, time); break;
      case health::unknown: breaker_.abandoned(ticket, time); break;
    }
    show_circuit(before);
  }

  void show_circuit(outbound::circuit_breaker::state before) {
    using state = outbound::circuit_breaker::state;
    const auto now = breaker_.current();
    circuit_metric_->value(static_cast<std::int64_t>(now));
    if (now == before)
      return;
    // A probe that is under way says nothing yet.
    if (troubles_)
      troubles_->set("payment provider",
                     now == state::closed ? "" : "the payment provider fails: it is not called for a while");
    if (now == state::open && before == state::closed)
      log_warning("the payment provider fails: nothing is sent to it for a while");
    else if (now == state::closed)
      log_info("the payment provider works again");
  }

  /// Logs at most one line in some seconds: a provider that does not answer would fill the log.
  void complain(const std::string& key, const std::string& complaint) {
    constexpr std::chrono::seconds pause{10};
    const auto time = self_->clock().now();
    ++complaints_;
    if (complained_ && time - *complained_ < pause)
      return;
    log_warning("{}: {} ({} such calls since the last line)", key, complaint, complaints_);
    complained_ = time;
    complaints_ = 0;
  }

  void count(const open_call& open, std::string_view outcome) {
    const auto call = open.operation ? waybill::name_of(*open.operation) : std::string_view{"look_up"};
    calls_metric_->get_or_add({{"call", call}, {"outcome", outcome}})->inc();
  }

  adapter_actor::pointer self_;
  std::shared_ptr<tracing::tracer> tracer_;
  http_provider_settings settings_;
  std::shared_ptr<known_troubles> troubles_;
  outbound::http_url base_;
  http_calls<adapter_actor, open_call> calls_;
  outbound::circuit_breaker breaker_;
  caf::telemetry::metric_family_impl<caf::telemetry::int_counter>* calls_metric_;
  caf::telemetry::int_gauge* circuit_metric_;
  std::optional<caf::actor_clock::time_point> complained_;
  std::uint64_t complaints_ = 0;
};

} // namespace

payment_provider_actor spawn_http_provider(caf::actor_system& sys, const http_provider_settings& settings,
                                           std::shared_ptr<outbound::http_client> client,
                                           std::shared_ptr<tracing::tracer> tracer,
                                           std::shared_ptr<known_troubles> troubles) {
  return sys.spawn<adapter_actor::stateful_impl<http_provider_state>>(settings, std::move(client), std::move(tracer),
                                                                      std::move(troubles));
}

} // namespace waybill
