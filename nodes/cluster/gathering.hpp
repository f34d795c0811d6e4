#pragma once

#include "messages/failures.hpp"
#include "nodes/cluster/gathered.hpp"

#include <caf/error.hpp>
#include <caf/typed_response_promise.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace waybill {

/// Asks several actors and answers the request that `Self` works on when all have answered or failed. What came is
/// added to the answer, whoever did not answer is named in it (gathered.hpp). Belongs to one actor.
template <class Self, class Answer>
class gathering {
public:
  /// The answers are added to `nothing_yet`, which says of what type they are. From now on the request is answered by
  /// `answer` only.
  gathering(Self* self, Answer nothing_yet) : self_(self), all_(std::make_shared<answers>()) {
    all_->answer = std::move(nothing_yet);
    all_->promise = self->template make_response_promise<Answer>();
  }

  /// `node` is the name of the one that is asked; empty: the receiver answers for all other nodes.
  template <class Part = Answer, class Handle, class Query>
  void ask(const Handle& receiver, std::string node, milliseconds timeout, const Query& query) {
    ++all_->missing;
    self_->request(receiver, timeout, query)
      .then(
        [all = all_](Part& part) {
          add(all->answer, std::move(part));
          all->count_down();
        },
        [all = all_, node = std::move(node)](const caf::error& reason) {
          name_missing(all->answer, node, to_failure(reason).detail);
          all->count_down();
        });
  }

  /// A node that cannot be asked.
  void miss(const std::string& node, const std::string& reason) { name_missing(all_->answer, node, reason); }

  /// To be called once all are asked. `finish` sees the answer when all is in it.
  caf::typed_response_promise<Answer> answer(std::function<void(Answer&)> finish = {}) {
    auto promise = all_->promise;
    all_->finish = std::move(finish);
    all_->count_down();
    return promise;
  }

private:
  struct answers {
    Answer answer;
    caf::typed_response_promise<Answer> promise;
    std::function<void(Answer&)> finish;
    /// Counts the asking itself, so that no answer can come too early.
    std::size_t missing = 1;

    void count_down() {
      if (--missing > 0)
        return;
      if (finish)
        finish(answer);
      promise.deliver(std::move(answer));
    }
  };

  Self* self_;
  std::shared_ptr<answers> all_;
};

} // namespace waybill
