#include "actors/entity/entity_support.hpp"
#include "actors/http_inbox.hpp"
#include "actors/webhooks/webhooks.hpp"
#include "domain/base/errors.hpp"
#include "domain/webhook_signature.hpp"

#include <caf/actor_system.hpp>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <unordered_map>
#include <utility>
#include <vector>

namespace waybill {

namespace {

using sender_actor = webhook_sender_actor::extend<
  // Answers of the HTTP client have come.
  caf::result<void>(caf::tick_atom)>;

class webhook_sender_state {
public:
  static inline const char* name = "waybill.webhook_sender";

  webhook_sender_state(sender_actor::pointer self, std::shared_ptr<outbound::http_client> client)
    : self_(self), client_(std::move(client)) {}

  sender_actor::behavior_type make_behavior() {
    return {
      [this](post_webhook& what) { return post(std::move(what)); },
      [this](caf::tick_atom) { take_answers(); },
    };
  }

private:
  using promise_type = caf::typed_response_promise<webhook_answer>;
  using clock = std::chrono::steady_clock;

  struct open_call {
    promise_type promise;
    clock::time_point begun;
  };

  caf::result<webhook_answer> post(post_webhook what) {
    auto url = outbound::parse_http_url(what.url);
    if (url.has_error())
      return webhook_answer{0, {}, url.error().detail, {}};
    outbound::http_request request;
    request.method = "POST";
    request.url = std::move(*url);
    request.headers = {{std::string{webhook_signature::id_header}, std::move(what.message)},
                       {std::string{webhook_signature::timestamp_header}, std::move(what.timestamp)},
                       {std::string{webhook_signature::signature_header}, std::move(what.signatures)}};
    request.body = std::move(what.body);
    // Receivers know the id.
    request.repeatable = true;
    auto promise = self_->make_response_promise<webhook_answer>();
    const auto number = ++last_call_;
    calls_.emplace(number, open_call{promise, clock::now()});
    client_->send(std::move(request), [box = inbox_, number, me = sender_actor{self_}](outbound::http_result answer) {
      if (box->put(number, std::move(answer)))
        caf::anon_send(me, caf::tick_atom_v);
    });
    return promise;
  }

  void take_answers() {
    for (auto& [number, answer] : inbox_->take()) {
      const auto found = calls_.find(number);
      if (found == calls_.end())
        continue;
      auto call = std::move(found->second);
      calls_.erase(found);
      const auto took = std::chrono::duration_cast<milliseconds>(clock::now() - call.begun);
      if (answer.has_value()) {
        call.promise.deliver(webhook_answer{answer->status, std::string{answer->header("Retry-After")}, {}, took});
      } else if (answer.error().code == ec::overloaded || answer.error().code == ec::shutting_down) {
        call.promise.deliver(to_error({answer.error().code, answer.error().detail}));
      } else {
        call.promise.deliver(webhook_answer{0, {}, answer.error().detail, took});
      }
    }
  }

  sender_actor::pointer self_;
  std::shared_ptr<outbound::http_client> client_;
  std::shared_ptr<http_inbox> inbox_ = std::make_shared<http_inbox>();
  /// At most as many as the client takes.
  std::unordered_map<std::uint64_t, open_call> calls_;
  std::uint64_t last_call_ = 0;
};

} // namespace

webhook_sender_actor spawn_webhook_sender(caf::actor_system& sys, std::shared_ptr<outbound::http_client> client) {
  return sys.spawn<sender_actor::stateful_impl<webhook_sender_state>>(std::move(client));
}

} // namespace waybill
