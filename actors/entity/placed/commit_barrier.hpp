#pragma once

#include "actors/entity/entity_support.hpp"
#include "actors/entity/services.hpp"
#include "messages/actors.hpp"

#include <cstddef>
#include <cstdint>
#include <utility>

namespace waybill {

/// Holds back what a region sends to another node until what it builds on is durable. `SelfPointer`: the region's
/// actor, which it does not outlive.
template <class SelfPointer>
class commit_barrier {
public:
  explicit commit_barrier(SelfPointer self) : self_(self) {}

  /// Calls `send` once everything that was placed in `epoch` until now is durable, or `refuse` with why it never will
  /// be. An append without contents is answered when everything before it is.
  template <class Send, class Refuse>
  void pass(const entity_services& services, std::uint64_t epoch, Send send, Refuse refuse) {
    append nothing;
    nothing.at = services.clock();
    nothing.epoch = epoch;
    ++waiting_;
    self_->request(services.journals.front(), bounded_elsewhere, std::move(nothing))
      .then(
        [this, send](const appended&) mutable {
          --waiting_;
          send();
        },
        [this, refuse](const caf::error&) mutable {
          --waiting_;
          refuse(failure{ec::unavailable, "depends on a change that was not stored; repeat the request"});
        });
  }

  /// How much is held back.
  [[nodiscard]] std::size_t size() const { return waiting_; }

private:
  SelfPointer self_;
  std::size_t waiting_ = 0;
};

} // namespace waybill
