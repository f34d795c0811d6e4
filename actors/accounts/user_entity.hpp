#pragma once

#include "actors/accounts/user_region.hpp"
#include "actors/entity/entity.hpp"

#include <deque>
#include <functional>
#include <optional>
#include <vector>

namespace waybill {

/// Describes users to entity<> and region<>.
struct user_kind {
  using state = user::state;
  using event = user::event;
  using command = user::command;
  using actor = user_actor;
  using create_message = register_user;
  using create_command = user::register_account;
  static constexpr entity_kind kind = entity_kind::user;
  static constexpr const char* region_name = "waybill.user_region";
};

/// Owns one user and their sessions. Has passwords hashed by another actor, because that takes long; one at a time, so
/// that nobody's account takes more than its share of the work.
class user_entity : public entity<user_kind> {
public:
  static inline const char* name = "waybill.user";

  user_entity(user_actor::pointer self, entity_start start, account_settings settings, password_hasher_actor hasher);

  user_actor::behavior_type make_behavior();

protected:
  result<std::vector<user::event>> decide(const user::command& command) override;
  void describe(append& request, const std::vector<user::event>& events) override;
  bool unfinished() const override { return false; }
  std::optional<timestamp> due() const override { return std::nullopt; }
  void pursue() override {}
  void on_timer() override {}
  void restore(const stored_entity& stored) override;
  bool engaged() const override { return !turns_.empty(); }

private:
  using signed_in_promise = caf::typed_response_promise<signed_in>;

  caf::result<signed_in> on_register(const register_user& command);
  caf::result<signed_in> on_log_in(const log_in& command);
  caf::result<signed_in> on_refresh(const refresh_session& command);
  caf::result<void> on_end_session(const end_session& command);
  caf::result<user_view> on_change(const change_user& command);
  caf::result<user_view> on_administer(const administer_user& command);
  caf::result<password_reset> on_allow_reset(const allow_password_reset& command);
  caf::result<void> on_reset(const reset_password& command);

  void make_account(const register_user& command, std::string hash, signed_in_promise promise);
  void open_session(const log_in& command, const std::string& proven, std::optional<std::string> new_hash,
                    signed_in_promise promise);
  void carry_out_change(const change_user& command, const std::string& proven, std::optional<std::string> hash,
                        caf::typed_response_promise<user_view> promise);

  /// Checks a password against the user's; calls `done(verdict, hash)` with what it was checked against, or delivers
  /// the error.
  template <class Promise, class Function>
  void verify(const secret_text& password, bool sign_in, Promise promise, Function done);

  /// Calls `done(hash)` with the text of a new hash, or delivers the error.
  template <class Promise, class Function>
  void hash(const secret_text& password, Promise promise, Function done);

  /// Calls `done` with the answer of the hasher, or delivers its error; ends the turn.
  template <class Answer, class Question, class Promise, class Function>
  void ask_hasher(Question question, Promise promise, Function done);

  /// Calls `work` when no other password of the user is being hashed. It must lead to one end_turn.
  template <class Promise>
  void take_turn(Promise promise, std::function<void()> work);
  void end_turn();

  user_view view() const;
  signed_in view_of_session(const user::session& session) const;

  account_settings settings_;
  password_hasher_actor hasher_;
  /// What is to be hashed; the first is under way.
  std::deque<std::function<void()>> turns_;
};

} // namespace waybill
