#pragma once

#include "actors/entity/entity_support.hpp"
#include "domain/base/log.hpp"
#include "messages/actors.hpp"

#include <caf/actor_cast.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>

namespace waybill {

/// The line of deliveries of this node that wait for a courier outside of the memory, as their pool sees it: the pool
/// has only the oldest in memory, and lets others in when it has room. It knows only whether somebody may be in line,
/// and whether some that were let in have not asked yet: they come in any order, and the oldest is to be served first.
template <class SelfPointer>
class delivery_line {
public:
  /// `look`: the pool gives couriers to those who wait, and lets deliveries in if it has room. Called when all have
  /// asked that are expected, and when somebody may have come into the line from elsewhere.
  delivery_line(SelfPointer self, std::function<void()> look) : self_(self), look_(std::move(look)) {}

  void open(const region_handles& regions) {
    if (regions.deliveries)
      deliveries_ = caf::actor_cast<delivery_region_actor>(regions.deliveries);
    // Who waited before the pool was started asks again now.
    starting_ = true;
    self_->run_delayed(moment, [this] {
      starting_ = false;
      look_();
    });
    look_again_later();
  }

  /// Some of those that come first may not have asked yet: nobody else gets a courier before them.
  [[nodiscard]] bool is_settling() const { return starting_ || settling_; }

  /// A delivery asks the pool.
  void note_asked() {
    ++asked_;
    end_when_all_asked();
  }

  void note_turned_away() { may_have_more_ = true; }
  [[nodiscard]] bool may_have_more() const { return may_have_more_; }

  /// Wakes up to `most` deliveries; they ask the pool then.
  void let_in(std::uint32_t most) {
    if (!may_have_more_ || most == 0 || !deliveries_ || std::exchange(asking_, true))
      return;
    may_have_more_ = false;
    asked_ = 0;
    expected_.reset();
    settle();
    self_->request(*deliveries_, bounded_elsewhere, wake_in_line{most})
      .then(
        [this](std::uint32_t woken) {
          asking_ = false;
          may_have_more_ = may_have_more_ || woken > 0;
          expected_ = woken;
          if (end_when_all_asked())
            look_();
        },
        [this](const caf::error& reason) {
          asking_ = false;
          may_have_more_ = true;
          log_debug("deliveries cannot be taken out of line: {}", to_failure(reason).detail);
        });
  }

private:
  /// Who does not ask until then is not waited for.
  static constexpr milliseconds moment{500};

  void settle() {
    settling_ = true;
    self_->run_delayed(moment, [this, round = ++round_] {
      if (round != round_ || !std::exchange(settling_, false))
        return;
      look_();
    });
  }

  bool end_when_all_asked() {
    if (!settling_ || !expected_ || asked_ < *expected_)
      return false;
    settling_ = false;
    return true;
  }

  /// Shards of other nodes come with deliveries that are in line there.
  void look_again_later() {
    constexpr milliseconds interval{30'000};
    self_->run_delayed(interval, [this] {
      may_have_more_ = true;
      look_();
      look_again_later();
    });
  }

  SelfPointer self_;
  std::function<void()> look_;
  std::optional<delivery_region_actor> deliveries_;
  /// At first nobody knows.
  bool may_have_more_ = true;
  bool asking_ = false;
  bool starting_ = false;
  bool settling_ = false;
  std::uint64_t round_ = 0;
  /// How many have asked since others were let in, and how many those are; none: not known yet.
  std::uint32_t asked_ = 0;
  std::optional<std::uint32_t> expected_;
};

} // namespace waybill
