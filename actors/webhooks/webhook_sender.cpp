#include "actors/entity/entity_support.hpp"
#include "actors/support/client_span.hpp"
#include "actors/support/http_calls.hpp"
#include "actors/webhooks/webhooks.hpp"
#include "domain/base/errors.hpp"
#include "domain/webhook/signature.hpp"

#include <caf/actor_system.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <utility>

namespace waybill {

namespace {

using sender_actor = webhook_sender_actor::extend<answers_arrived>;

class webhook_sender_state {
public:
  static inline const char* name = "waybill.webhook_sender";

  webhook_sender_state(sender_actor::pointer self, std::shared_ptr<outbound::http_client> client,
                       std::shared_ptr<tracing::tracer> tracer)
    : self_(self), calls_(std::move(client)), tracer_(std::move(tracer)) {}

  sender_actor::behavior_type make_behavior() {
    return {
      [this](post_webhook& message) { return post(std::move(message)); },
      [this](caf::tick_atom) {
        calls_.take_answers([this](open_call& call, const outbound::http_result& answer) { finish(call, answer); });
      },
    };
  }

private:
  using promise_type = caf::typed_response_promise<webhook_answer>;
  using clock = std::chrono::steady_clock;

  struct open_call {
    promise_type promise;
    clock::time_point begun;
    std::optional<tracing::span> span;
  };

  caf::result<webhook_answer> post(post_webhook message) {
    auto url = outbound::parse_http_url(message.url);
    if (url.has_error())
      return webhook_answer{0, {}, url.error().detail, {}};
    outbound::http_request request;
    request.method = "POST";
    request.url = std::move(*url);
    // A name of few values: the path is the receiver's own.
    auto span = begin_client_span(tracer_, message.traceparent, "POST", request);
    if (span)
      span->set("waybill.webhook.message", message.message);
    const outbound::header_list signed_headers{
      {std::string{webhook_signature::id_header}, std::move(message.message)},
      {std::string{webhook_signature::timestamp_header}, std::move(message.timestamp)},
      {std::string{webhook_signature::signature_header}, std::move(message.signatures)}};
    request.headers.insert(request.headers.end(), signed_headers.begin(), signed_headers.end());
    request.body = std::move(message.body);
    // Receivers recognise the id.
    request.repeatable = true;
    request.head_only = true;
    request.timeout = message.timeout;
    auto promise = self_->make_response_promise<webhook_answer>();
    calls_.send(sender_actor{self_}, std::move(request), {promise, clock::now(), std::move(span)});
    return promise;
  }

  void finish(open_call& call, const outbound::http_result& answer) {
    if (call.span)
      end_client_span(*tracer_, std::move(*call.span), answer);
    const auto took = std::chrono::duration_cast<milliseconds>(clock::now() - call.begun);
    if (answer.has_value())
      call.promise.deliver(webhook_answer{answer->status, std::string{answer->header("Retry-After")}, {}, took});
    else if (answer.error().code == ec::overloaded || answer.error().code == ec::shutting_down)
      call.promise.deliver(to_error({answer.error().code, answer.error().detail}));
    else
      call.promise.deliver(webhook_answer{0, {}, answer.error().detail, took});
  }

  sender_actor::pointer self_;
  http_calls<sender_actor, open_call> calls_;
  std::shared_ptr<tracing::tracer> tracer_;
};

} // namespace

webhook_sender_actor spawn_webhook_sender(caf::actor_system& sys, std::shared_ptr<outbound::http_client> client,
                                          std::shared_ptr<tracing::tracer> tracer) {
  return sys.spawn<sender_actor::stateful_impl<webhook_sender_state>>(std::move(client), std::move(tracer));
}

} // namespace waybill
