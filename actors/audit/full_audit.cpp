#include "actors/audit/auditor.hpp"
#include "actors/entity/entity_support.hpp"
#include "domain/base/errors.hpp"

#include <caf/actor_system.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <deque>
#include <optional>

namespace waybill {

namespace {

using namespace std::chrono_literals;

class full_audit_state {
public:
  static inline const char* name = "waybill.full_auditor";

  full_audit_state(full_auditor_actor::pointer self, std::function<audit_checker_actor()> make_checker)
    : self_(self), make_checker_(std::move(make_checker)) {}

  full_auditor_actor::behavior_type make_behavior() {
    return {[this](const run_full_audit& request) { return answer(request); }};
  }

private:
  static constexpr auto patience = 15s;
  /// How often the database is asked again while it is away, and for how long.
  static constexpr auto retry_pause = 1s;
  static constexpr auto outage_patience = 5min;
  static constexpr std::uint32_t page_size = 100;
  static constexpr std::size_t most_told = 1'000;

  caf::result<full_audit_progress> answer(const run_full_audit& request) {
    const bool known = token_ && *token_ == request.token;
    if (!known && checker_)
      return to_error({ec::conflict, "another full audit is running on this node"});
    if (!known)
      begin(request.token);
    asked_at_ = self_->clock().now();
    if (failure_)
      return to_error(*failure_);
    return progress_;
  }

  void begin(std::uint64_t token) {
    token_ = token;
    failure_.reset();
    progress_ = {};
    checker_ = make_checker_();
    away_since_.reset();
    // The checker ends with this actor.
    self_->link_to(checker_);
    watch(token);
    // What a damaged file says of orders means nothing.
    ask<audit_unit_report>(check_audit_unit{stored_files_unit, true}, [this](audit_unit_report&) { next_page(); });
  }

  void watch(std::uint64_t token) {
    self_->run_delayed(patience, [this, token] {
      if (!checker_ || token_ != token)
        return;
      if (self_->clock().now() - asked_at_ > patience)
        end();
      else
        watch(token);
    });
  }

  void end() {
    if (!checker_)
      return;
    self_->unlink_from(checker_);
    self_->send_exit(checker_, caf::exit_reason::user_shutdown);
    checker_ = nullptr;
    units_.clear();
  }

  /// The same question again while the database is away: the check goes on where it stood.
  template <class Answer, class Question, class OnAnswer>
  void ask(Question question, OnAnswer on_answer) {
    self_->request(checker_, bounded_elsewhere, question)
      .then(
        [this, token = token_, on_answer](Answer& answer) {
          if (!is_current(token))
            return;
          away_since_.reset();
          on_answer(answer);
        },
        [this, token = token_, question, on_answer](const caf::error& reason) {
          if (!is_current(token))
            return;
          if (auto problem = to_failure(reason); !may_pass(problem)) {
            failure_ = std::move(problem);
            end();
            return;
          }
          self_->run_delayed(retry_pause, [this, token, question, on_answer] {
            if (is_current(token))
              ask<Answer>(question, on_answer);
          });
        });
  }

  [[nodiscard]] bool is_current(const std::optional<std::uint64_t>& token) const { return checker_ && token_ == token; }

  /// A lost connection, or an absence that is not too long yet. A database that is there but damaged stays so.
  bool may_pass(const failure& problem) {
    if (problem.code != ec::unavailable && problem.code != ec::timed_out)
      return false;
    const auto now = self_->clock().now();
    if (!away_since_)
      away_since_ = now;
    return problem.detail.find("damaged") == std::string::npos && now - *away_since_ < outage_patience;
  }

  void next_page() {
    ask<audit_unit_page>(list_audit_units{progress_.at, page_size}, [this](audit_unit_page& page) {
      if (page.units.empty()) {
        progress_.done = true;
        end();
        return;
      }
      units_.assign(page.units.begin(), page.units.end());
      next_unit();
    });
  }

  void next_unit() {
    if (units_.empty()) {
      next_page();
      return;
    }
    ask<audit_unit_report>(check_audit_unit{units_.front(), true}, [this](audit_unit_report& report) {
      progress_.at = std::move(units_.front());
      units_.pop_front();
      ++progress_.units;
      progress_.events += report.events;
      progress_.total_found += report.found.size();
      for (auto& violation : report.found)
        if (progress_.found.size() < most_told)
          progress_.found.push_back(std::move(violation));
      next_unit();
    });
  }

  full_auditor_actor::pointer self_;
  std::function<audit_checker_actor()> make_checker_;
  /// While a check is under way.
  audit_checker_actor checker_;
  std::optional<std::uint64_t> token_;
  std::optional<failure> failure_;
  /// Since the first question that was not answered.
  std::optional<caf::actor_clock::time_point> away_since_;
  full_audit_progress progress_;
  std::deque<std::string> units_;
  caf::actor_clock::time_point asked_at_{};
};

} // namespace

full_auditor_actor spawn_full_auditor(caf::actor_system& sys, std::function<audit_checker_actor()> make_checker) {
  return sys.spawn<full_auditor_actor::stateful_impl<full_audit_state>>(std::move(make_checker));
}

} // namespace waybill
