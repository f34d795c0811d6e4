#pragma once

#include "domain/base/errors.hpp"
#include "messages/common.hpp"

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <iterator>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

namespace waybill {

/// The result of a command. A command that is decided again has several, one after the other.
struct command_outcome {
  /// None if it was carried out.
  const failure* error = nullptr;
  /// It led to events.
  bool changed = false;
};

/// The commands of one entity: those that wait for a decision, the batch that is being decided or whose events are on
/// their way to the log, and those whose results are not durable yet.
template <class Command>
class entity_commands {
public:
  using completion = std::function<void(const command_outcome&)>;

  struct waiting {
    std::optional<Command> command; // none: a read
    provenance origin;
    completion done;
    std::uint64_t expected_version = 0;
    /// What it builds on.
    placed_in builds_on = {};
    /// A read that takes the place of a command that was carried out.
    bool changed = false;
    /// They are counted as they come, from 1.
    std::uint64_t number = 0;

    template <class Alternative>
    [[nodiscard]] bool is() const {
      return command && std::holds_alternative<Alternative>(*command);
    }
  };

  /// A command of the batch.
  struct decided {
    waiting request;
    std::optional<failure> error;
    bool appended = false;
  };

  void add(waiting request) {
    request.number = ++last_number_;
    queue_.push_back(std::move(request));
  }

  /// Of the command that came last.
  [[nodiscard]] std::uint64_t last_number() const { return last_number_; }

  [[nodiscard]] bool any_waits() const { return !queue_.empty(); }
  [[nodiscard]] bool is_idle() const { return queue_.empty() && batch_.empty(); }
  [[nodiscard]] const waiting& next() const { return queue_.front(); }
  [[nodiscard]] std::size_t batch_size() const { return batch_.size(); }

  /// Moves the next one into the batch.
  decided& take() {
    batch_.push_back({std::move(queue_.front()), std::nullopt, false});
    queue_.pop_front();
    return batch_.back();
  }

  /// The place in the batch, at or behind `from`, of the next one that led to an append.
  [[nodiscard]] std::size_t next_appended(std::size_t from) const {
    while (!batch_[from].appended)
      ++from;
    return from;
  }

  void set_error(std::size_t place, failure reason) { batch_[place].error = std::move(reason); }

  /// Ends the batch: all callers get their results.
  void answer() {
    auto batch = std::exchange(batch_, {});
    for (auto& item : batch)
      if (item.request.done)
        item.request.done({item.error ? &*item.error : nullptr, item.request.changed});
  }

  /// Ends the batch, whose last append has this number: all callers get their results. Those that rest on what is not
  /// durable can be decided again until it is; `before_each` is called with whether the next is one of them.
  template <class BeforeEach>
  void answer_placed(std::uint64_t number, BeforeEach before_each) {
    auto batch = std::exchange(batch_, {});
    for (auto& item : batch) {
      if (!item.request.done)
        continue;
      // Whoever builds on what is only placed asks again.
      const bool again = item.request.builds_on.epoch == 0;
      before_each(again);
      item.request.done({item.error ? &*item.error : nullptr, item.request.changed});
      if (again)
        unproven_.push_back({number, std::move(item.request)});
    }
    before_each(false);
  }

  /// What was placed up to this number is durable.
  void prove(std::uint64_t number) {
    while (!unproven_.empty() && unproven_.front().number <= number)
      unproven_.pop_front();
  }

  /// What is not durable is void: its commands wait again, or are dropped.
  void unplace(bool again) {
    auto unproven = std::exchange(unproven_, {});
    if (!again)
      return;
    for (auto item = unproven.rbegin(); item != unproven.rend(); ++item) {
      item->request.changed = false;
      queue_.push_front(std::move(item->request));
    }
  }

  /// Ends the batch: all of it waits again.
  void put_back() {
    for (auto item = batch_.rbegin(); item != batch_.rend(); ++item)
      queue_.push_front(std::move(item->request));
    batch_.clear();
  }

  /// Ends a batch of which some append was refused. Commands that were carried out wait to be answered from the state,
  /// commands that lost a race wait to be decided again if `decide_again`; the rest is returned, for answer_refused.
  std::vector<decided> split_outcomes(bool decide_again) {
    auto batch = std::exchange(batch_, {});
    bool behind_failure = false;
    std::deque<waiting> again;
    std::vector<decided> refused;
    for (auto& item : batch) {
      const bool failed = item.appended && item.error;
      behind_failure = behind_failure || failed;
      if (failed)
        item.request.changed = false;
      if ((failed && item.error->code == ec::conflict && decide_again) || (!item.appended && behind_failure)) {
        again.push_back(std::move(item.request));
      } else if (item.error) {
        refused.push_back(std::move(item));
      } else {
        // Carried out, or nothing was to be done: the answer needs the state.
        item.request.command.reset();
        again.push_back(std::move(item.request));
      }
    }
    queue_.insert(queue_.begin(), std::make_move_iterator(again.begin()), std::make_move_iterator(again.end()));
    return refused;
  }

  static void answer_refused(const std::vector<decided>& refused) {
    for (const auto& item : refused)
      if (item.request.done)
        item.request.done({&*item.error, false});
  }

  /// Answers all that wait with `reason`.
  void fail_all(const failure& reason) {
    auto failed = std::exchange(queue_, {});
    for (auto& item : failed)
      if (item.done)
        item.done({&reason, false});
  }

private:
  /// A command that was decided and whose results rest on the append of this number.
  struct placed {
    std::uint64_t number;
    waiting request;
  };

  std::deque<waiting> queue_;
  std::vector<decided> batch_;
  std::deque<placed> unproven_;
  std::uint64_t last_number_ = 0;
};

} // namespace waybill
