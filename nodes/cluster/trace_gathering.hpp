#pragma once

#include "messages/cluster/message_trace.hpp"
#include "messages/failures.hpp"
#include "messages/type_ids.hpp"

#include <caf/error.hpp>
#include <caf/typed_response_promise.hpp>

#include <algorithm>
#include <iterator>
#include <memory>
#include <string>
#include <utility>

namespace waybill {

/// Asks nodes what they have noted of a traced order and answers when all have answered; one that fails is named as
/// missing, with the reason. Belongs to one actor.
template <class Self>
class trace_gathering {
public:
  explicit trace_gathering(Self* self) : self_(self), all_(std::make_shared<answers>()) {
    all_->promise = self->template make_response_promise<message_trace>();
  }

  /// `node` is the name of the one that is asked; empty: it answers for all others.
  template <class Handle>
  void ask(const Handle& receiver, std::string node, milliseconds timeout, const trace_messages& query) {
    ++all_->missing;
    self_->request(receiver, timeout, query)
      .then(
        [all = all_](message_trace& part) {
          std::ranges::move(part.nodes, std::back_inserter(all->trace.nodes));
          std::ranges::move(part.missing, std::back_inserter(all->trace.missing));
          all->count_down();
        },
        [all = all_, node = std::move(node)](const caf::error& reason) {
          all->trace.missing.push_back({node, to_failure(reason).detail});
          all->count_down();
        });
  }

  void miss(std::string node, std::string reason) {
    all_->trace.missing.push_back({std::move(node), std::move(reason)});
  }

  /// To be called once all are asked.
  caf::typed_response_promise<message_trace> answer() {
    auto promise = all_->promise;
    all_->count_down();
    return promise;
  }

private:
  struct answers {
    caf::typed_response_promise<message_trace> promise;
    message_trace trace;
    /// Counts the asking itself, so that no answer can come too early.
    std::size_t missing = 1;

    void count_down() {
      if (--missing == 0)
        promise.deliver(std::move(trace));
    }
  };

  Self* self_;
  std::shared_ptr<answers> all_;
};

} // namespace waybill
