#pragma once

#include "actors/entity/placed/durability_gate.hpp"
#include "messages/failures.hpp"

#include <caf/typed_response_promise.hpp>

#include <utility>

namespace waybill {

/// Answers a message to an entity: when all that the entity has placed is durable, or at once when the caller is of the
/// same node and has said that it can build on what is only placed. Copies answer the same message, which is answered
/// once. Lives no longer than its entity.
template <class Answer>
class reply {
public:
  using promise_type = caf::typed_response_promise<Answer>;

  /// `gate`: null answers at once.
  reply(promise_type promise, durability_gate* gate) : promise_(std::move(promise)), gate_(gate) {}

  void deliver(Answer answer) const {
    if (gate_ == nullptr || gate_->is_open())
      promise_.deliver(std::move(answer));
    else
      gate_->pass_answer([promise = promise_, answer = std::move(answer)](const failure* reason) mutable {
        if (reason != nullptr)
          promise.deliver(to_error(*reason));
        else
          promise.deliver(std::move(answer));
      });
  }

  /// A refusal may rest on what is not durable, as any answer.
  void deliver(const failure& refusal) const {
    if (gate_ == nullptr || gate_->is_open())
      promise_.deliver(to_error(refusal));
    else
      gate_->pass_answer([promise = promise_, refusal](const failure* reason) mutable {
        promise.deliver(to_error(reason != nullptr ? *reason : refusal));
      });
  }

  promise_type& promise() const { return promise_; }

private:
  mutable promise_type promise_;
  durability_gate* gate_;
};

} // namespace waybill
