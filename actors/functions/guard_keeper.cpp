#include "actors/functions/guard_keeper.hpp"

#include "actors/entity/entity_support.hpp"
#include "domain/base/log.hpp"
#include "messages/failures.hpp"

#include <caf/actor_system.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace waybill {

namespace {

constexpr std::uint32_t page_size = 100;

class guard_keeper {
public:
  static inline const char* name = "waybill.guard_keeper";

  guard_keeper(guard_keeper_actor::pointer self, guard_keeper_settings settings, reader_actor reader,
               std::shared_ptr<order_guards> board)
    : self_{self}, settings_{settings}, reader_{std::move(reader)}, board_{std::move(board)} {
    read();
  }

  guard_keeper_actor::behavior_type make_behavior() {
    look_later();
    return {[this](const refresh_guards&) {
      auto promise = self_->make_response_promise<void>();
      waiting_.push_back(promise);
      read();
      return caf::result<void>{promise};
    }};
  }

private:
  using promise_type = caf::typed_response_promise<void>;

  // -- when to read ---------------------------------------------------------------------------------------------------

  void look_later() {
    self_->run_delayed(settings_.look_interval, [this] { look(); });
  }

  void look() {
    self_->request(reader_, bounded_elsewhere, get_function_revision{})
      .then(
        [this](const function_revision& now) {
          if (!known_ || now.number != *known_)
            read();
          look_later();
        },
        [this](const caf::error&) { look_later(); });
  }

  // -- reading --------------------------------------------------------------------------------------------------------

  void read() {
    // What is being read may be older than the change that this is about.
    if (std::exchange(reading_, true)) {
      again_ = true;
      return;
    }
    told_ = std::exchange(waiting_, {});
    found_.clear();
    // Before the list: of a change in between the next look tells.
    self_->request(reader_, bounded_elsewhere, get_function_revision{})
      .then(
        [this](const function_revision& now) {
          next_known_ = now.number;
          read_page({});
        },
        [this](const caf::error& reason) { fail_reading(reason); });
  }

  void read_page(std::string after) {
    self_->request(reader_, bounded_elsewhere, list_functions{std::move(after), page_size})
      .then(
        [this](const function_page& page) {
          for (const auto& each : page.functions)
            if (each.guard)
              found_.push_back({each.name, each.guard->on_failure});
          if (page.more)
            read_page(page.functions.back().name);
          else
            end_reading();
        },
        [this](const caf::error& reason) { fail_reading(reason); });
  }

  void end_reading() {
    board_->replace(std::exchange(found_, {}));
    known_ = next_known_;
    for (auto& promise : std::exchange(told_, {}))
      promise.deliver();
    read_again();
  }

  /// What was known stays, but not for those who have waited for something new.
  void fail_reading(const caf::error& reason) {
    log_warning("the guards of orders cannot be read, trying again: {}", to_failure(reason).detail);
    for (auto& promise : std::exchange(told_, {}))
      promise.deliver(reason);
    reading_ = false;
    self_->run_delayed(settings_.pause, [this] { read(); });
  }

  void read_again() {
    reading_ = false;
    if (std::exchange(again_, false))
      read();
  }

  guard_keeper_actor::pointer self_;
  guard_keeper_settings settings_;
  reader_actor reader_;
  std::shared_ptr<order_guards> board_;
  std::vector<order_guard> found_;
  /// Of the functions of which the guards are known; nothing before the first reading.
  std::optional<std::uint64_t> known_;
  std::uint64_t next_known_ = 0;
  /// Who waits for the next reading, and for the one under way.
  std::vector<promise_type> waiting_;
  std::vector<promise_type> told_;
  bool reading_ = false;
  bool again_ = false;
};

} // namespace

guard_keeper_actor spawn_guard_keeper(caf::actor_system& sys, const guard_keeper_settings& settings,
                                      const reader_actor& reader, std::shared_ptr<order_guards> board) {
  return sys.spawn<guard_keeper_actor::stateful_impl<guard_keeper>>(settings, reader, std::move(board));
}

} // namespace waybill
