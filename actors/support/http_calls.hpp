#pragma once

#include "outbound/http_client.hpp"

#include <caf/send.hpp>
#include <caf/type_id.hpp>

#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <utility>
#include <vector>

namespace waybill {

/// Part of the handle of an actor that makes HTTP calls: answers of the HTTP client have come.
using answers_arrived = caf::result<void>(caf::tick_atom);

/// The HTTP calls that an actor has under way, each with a Call of the actor's own. The client answers on its own
/// thread: answers gather in an inbox, and the actor gets one message (answers_arrived) for all that gathered.
template <class Handle, class Call>
class http_calls {
public:
  explicit http_calls(std::shared_ptr<outbound::http_client> client) : client_(std::move(client)) {}

  /// Sends `request`; `call` is kept until its answer is taken.
  void send(Handle self, outbound::http_request request, Call call) {
    const auto number = ++last_number_;
    calls_.emplace(number, std::move(call));
    client_->send(std::move(request), [inbox = inbox_, number, self = std::move(self)](outbound::http_result answer) {
      if (inbox->put(number, std::move(answer)))
        caf::anon_send(self, caf::tick_atom_v);
    });
  }

  /// Calls `on_answer(call, answer)` for each answer that has come.
  template <class OnAnswer>
  void take_answers(OnAnswer on_answer) {
    for (auto& [number, answer] : inbox_->take()) {
      auto call = calls_.extract(number);
      if (!call.empty())
        on_answer(call.mapped(), answer);
    }
  }

private:
  /// Thread-safe.
  class answer_inbox {
  public:
    /// Whether it was empty before.
    bool put(std::uint64_t number, outbound::http_result answer) {
      const std::lock_guard guard{mutex_};
      answers_.emplace_back(number, std::move(answer));
      return answers_.size() == 1;
    }

    std::vector<std::pair<std::uint64_t, outbound::http_result>> take() {
      const std::lock_guard guard{mutex_};
      return std::exchange(answers_, {});
    }

  private:
    std::mutex mutex_;
    std::vector<std::pair<std::uint64_t, outbound::http_result>> answers_;
  };

  std::shared_ptr<outbound::http_client> client_;
  /// Outlives the actor while calls are under way.
  std::shared_ptr<answer_inbox> inbox_ = std::make_shared<answer_inbox>();
  /// At most as many as the client takes.
  std::unordered_map<std::uint64_t, Call> calls_;
  std::uint64_t last_number_ = 0;
};

} // namespace waybill
