#include "actors/accounts/user_entity.hpp"

#include "actors/entity/region_actor.hpp"
#include "domain/base/errors.hpp"
#include "domain/base/log.hpp"

#include <algorithm>

namespace waybill {

namespace {

std::string_view strongest_role(const std::vector<std::string>& roles) {
  for (const auto role : {user::admin_role, user::operator_role, user::courier_role, user::observer_role})
    if (std::ranges::find(roles, role) != roles.end())
      return role;
  return user::customer_role;
}

std::string to_text(const std::vector<std::string>& roles) {
  std::string text;
  for (const auto& role : roles)
    text += (text.empty() ? "" : ",") + role;
  return text;
}

failure wrong_credentials() {
  return {ec::unauthenticated, "the e-mail address or the password is wrong"};
}

} // namespace

user_entity::user_entity(user_actor::pointer self, entity_start start, account_settings settings,
                         password_hasher_actor hasher)
  : entity(self, std::move(start), settings.region), settings_(settings), hasher_(std::move(hasher)) {}

user_actor::behavior_type user_entity::make_behavior() {
  return {
    [this](resume_entity&) { count(), resume(); },
    [this](wake_up&) { wake(); },
    [this](retire_entity&) { retire(); },
    [this](describe_entity&) { return count(), answer_description(); },
    [this](register_user& command) { return count(), on_register(command); },
    [this](log_in& command) { return count(), on_log_in(command); },
    [this](refresh_session& command) { return count(), on_refresh(command); },
    [this](end_session& command) { return count(), on_end_session(command); },
    [this](get_user&) { return count(), answer_read<user_view>([this] { return view(); }); },
    [this](change_user& command) { return count(), on_change(command); },
    [this](administer_user& command) { return count(), on_administer(command); },
    [this](allow_password_reset& command) { return count(), on_allow_reset(command); },
    [this](reset_password& command) { return count(), on_reset(command); },
  };
}

// -- the entity -------------------------------------------------------------------------------------------------------

/// Secrets are not in the events: they are put into the state here. An append that is refused drops the whole state.
result<std::vector<user::event>> user_entity::decide(const user::command& command) {
  auto decision = user::decide(state(), command, now(), settings_.sessions);
  if (decision && !decision->empty())
    user::take_private(mutable_state(), command, now(), settings_.sessions);
  return decision;
}

void user_entity::describe(append& request, const std::vector<user::event>& events) {
  // The gateway does not know the roles of who signs in: they act by the strongest one, as with a token.
  if (request.origin.by_kind == "user")
    request.origin.by_kind = strongest_role(state().roles);
  for (const auto& event : events)
    if (const auto* ended = std::get_if<user::session_ended>(&event); ended && ended->reason == "token_reused")
      log_warning("user {}: a refresh token was used a second time, its session ends", id());
  const bool row_changed = std::any_of(events.begin(), events.end(), [](const user::event& event) {
    return !std::holds_alternative<user::session_started>(event)
           && !std::holds_alternative<user::session_refreshed>(event)
           && !std::holds_alternative<user::session_ended>(event)
           && !std::holds_alternative<user::password_reset_allowed>(event);
  });
  if (!row_changed)
    return;
  const auto& s = state();
  request.rows.emplace_back(user_row{id(), s.profile.email, s.profile.name, s.profile.password_hash, to_text(s.roles),
                                     s.disabled, s.created_at});
}

void user_entity::restore(const stored_entity& stored) {
  if (stored.user)
    mutable_state().profile = {stored.user->email, stored.user->name, stored.user->password_hash};
}

user_view user_entity::view() const {
  const auto& s = state();
  return {s.id, s.profile.email, s.profile.name, s.roles, s.disabled, s.created_at, s.updated_at, s.version};
}

signed_in user_entity::view_of_session(const user::session& session) const {
  return {view(), session.id, session.expires_at};
}

// -- commands ---------------------------------------------------------------------------------------------------------

template <class Promise>
void user_entity::take_turn(Promise promise, std::function<void()> work) {
  if (turns_.size() > settings_.hashing.max_waiting_of_user) {
    promise.deliver(to_error({ec::overloaded, "too many passwords of this user wait to be hashed"}));
    return;
  }
  turns_.push_back(std::move(work));
  if (turns_.size() > 1)
    return;
  // Named, here and below: it may end its turn at once, which frees what is in the queue.
  const auto first = turns_.front();
  first();
}

void user_entity::end_turn() {
  turns_.pop_front();
  if (turns_.empty()) {
    end_if_retired();
    return;
  }
  const auto next = turns_.front();
  next();
}

template <class Answer, class Question, class Promise, class Function>
void user_entity::ask_hasher(Question question, Promise promise, Function done) {
  self()
    ->request(hasher_, settings_.hashing.patience, std::move(question))
    .then(
      [this, done](Answer& answer) mutable {
        done(answer);
        end_turn();
      },
      [this, promise](caf::error& reason) mutable {
        promise.deliver(to_error(to_failure(reason)));
        end_turn();
      });
}

/// A password is verified also for users that do not exist or are disabled: the time of the answer must not tell.
template <class Promise, class Function>
void user_entity::verify(const secret_text& password, bool sign_in, Promise promise, Function done) {
  take_turn(promise, [this, password, sign_in, promise, done] {
    read([this, password, sign_in, promise, done](const outcome& reply) mutable {
      if (reply.error) {
        promise.deliver(to_error(*reply.error));
        end_turn();
        return;
      }
      const bool may_enter = exists() && !state().disabled;
      const auto against = may_enter ? state().profile.password_hash : std::string{};
      ask_hasher<password_verdict>(
        verify_password{password, {against}, sign_in}, promise,
        [done, against](const password_verdict& verdict) mutable { done(verdict, against); });
    });
  });
}

template <class Promise, class Function>
void user_entity::hash(const secret_text& password, Promise promise, Function done) {
  take_turn(promise, [this, password, promise, done] {
    ask_hasher<password_hash>(hash_password{password}, promise,
                              [done](password_hash& made) mutable { done(std::move(made.text.value)); });
  });
}

caf::result<signed_in> user_entity::on_register(const register_user& command) {
  auto promise = self()->make_response_promise<signed_in>();
  if (command.password.value.empty())
    make_account(command, {}, promise);
  else
    hash(command.password, promise,
         [this, promise, command](std::string made) { make_account(command, std::move(made), promise); });
  return promise;
}

void user_entity::make_account(const register_user& command, std::string hash, signed_in_promise promise) {
  user::register_account account{
    command.id, {command.email, command.name, std::move(hash)}, command.roles, command.session};
  execute(std::move(account), command.origin, [this, promise, session = command.session](const outcome& reply) mutable {
    if (reply.error) {
      promise.deliver(to_error(*reply.error));
      return;
    }
    const auto* opened = session ? user::find_session(state(), session->family_hash, session->token_hash) : nullptr;
    promise.deliver(opened ? view_of_session(*opened) : signed_in{view(), {}, {}});
  });
}

/// A password that was hashed in another form, or at another cost, is hashed anew now that it is known.
caf::result<signed_in> user_entity::on_log_in(const log_in& command) {
  auto promise = self()->make_response_promise<signed_in>();
  verify(command.password, true, promise,
         [this, promise, command](const password_verdict& verdict, const std::string& proven) mutable {
           if (!verdict.right)
             promise.deliver(to_error(wrong_credentials()));
           else if (!verdict.outdated)
             open_session(command, proven, std::nullopt, promise);
           else
             hash(command.password, promise, [this, promise, command, proven](std::string made) {
               open_session(command, proven, std::move(made), promise);
             });
         });
  return promise;
}

void user_entity::open_session(const log_in& command, const std::string& proven, std::optional<std::string> new_hash,
                               signed_in_promise promise) {
  execute(user::start_session{command.session, proven, std::move(new_hash)}, command.origin,
          [this, promise, session = command.session](const outcome& reply) mutable {
            const auto* opened = user::find_session(state(), session.family_hash, session.token_hash);
            if (reply.error)
              promise.deliver(to_error(reply.error->code == ec::unauthenticated ? wrong_credentials() : *reply.error));
            else if (opened)
              promise.deliver(view_of_session(*opened));
            else
              promise.deliver(to_error(wrong_credentials()));
          });
}

caf::result<signed_in> user_entity::on_refresh(const refresh_session& command) {
  auto promise = self()->make_response_promise<signed_in>();
  user::refresh refresh{command.family_hash, command.token_hash, command.new_hash, command.nonce};
  execute(std::move(refresh), command.origin, [this, promise, command](const outcome& reply) mutable {
    if (reply.error) {
      promise.deliver(to_error(*reply.error));
      return;
    }
    // By now others may have refreshed or ended the session too: the answer is what holds at this moment.
    auto nonces = user::successors(state(), command.family_hash, command.token_hash);
    const auto* session = user::find_family(state(), command.family_hash);
    if (!nonces || !session) {
      promise.deliver(to_error({ec::unauthenticated, "the refresh token is not valid (any more)"}));
      return;
    }
    auto answer = view_of_session(*session);
    answer.successors = std::move(*nonces);
    promise.deliver(std::move(answer));
  });
  return promise;
}

caf::result<void> user_entity::on_end_session(const end_session& command) {
  auto promise = self()->make_response_promise<void>();
  execute(user::end_session{command.family_hash}, command.origin, [promise](const outcome& reply) mutable {
    if (reply.error)
      promise.deliver(to_error(*reply.error));
    else
      promise.deliver();
  });
  return promise;
}

/// Changes with which an intruder could take the account over need the current password.
caf::result<user_view> user_entity::on_change(const change_user& command) {
  auto promise = self()->make_response_promise<user_view>();
  if (!command.email && !command.password) {
    carry_out_change(command, {}, std::nullopt, promise);
    return promise;
  }
  verify(command.current_password, false, promise,
         [this, promise, command](const password_verdict& verdict, const std::string& proven) mutable {
           if (!verdict.right)
             promise.deliver(to_error({ec::unauthenticated, "the current password is wrong"}));
           else if (!command.password)
             carry_out_change(command, proven, std::nullopt, promise);
           else
             hash(*command.password, promise, [this, promise, command, proven](std::string made) {
               carry_out_change(command, proven, std::move(made), promise);
             });
         });
  return promise;
}

void user_entity::carry_out_change(const change_user& command, const std::string& proven,
                                   std::optional<std::string> hash, caf::typed_response_promise<user_view> promise) {
  execute(
    user::change{command.name, command.email, std::move(hash), proven}, command.origin,
    [this, promise](const outcome& reply) mutable {
      if (reply.error)
        promise.deliver(to_error(*reply.error));
      else
        promise.deliver(view());
    },
    command.expected_version);
}

caf::result<user_view> user_entity::on_administer(const administer_user& command) {
  return answer_command<user_view>(
    user::administer{command.roles, command.disabled}, command.origin, [this](const outcome&) { return view(); },
    command.expected_version);
}

caf::result<password_reset> user_entity::on_allow_reset(const allow_password_reset& command) {
  return answer_command<password_reset>(user::allow_reset{command.code_hash}, command.origin, [this](const outcome&) {
    return password_reset{state().reset ? state().reset->expires_at : timestamp{}};
  });
}

/// The code is looked at first: only who has one makes us hash.
caf::result<void> user_entity::on_reset(const reset_password& command) {
  auto promise = self()->make_response_promise<void>();
  const auto answer = [promise](const outcome& reply) mutable {
    if (reply.error)
      promise.deliver(to_error(*reply.error));
    else
      promise.deliver();
  };
  read([this, promise, command, answer](const outcome& reply) mutable {
    if (reply.error) {
      promise.deliver(to_error(*reply.error));
    } else if (!user::may_reset(state(), command.code_hash, now())) {
      promise.deliver(to_error({ec::unauthenticated, "the code is not valid (any more)"}));
    } else {
      hash(command.password, promise, [this, command, answer](std::string made) {
        execute(user::reset_password{command.code_hash, std::move(made)}, command.origin, answer);
      });
    }
  });
  return promise;
}

// -- the region -------------------------------------------------------------------------------------------------------

user_region_actor spawn_user_region(caf::actor_system& sys, const entity_services& services,
                                    const account_settings& settings, const password_hasher_actor& hasher) {
  return spawn_region<user_entity>(sys, services, settings.region, settings, hasher);
}

} // namespace waybill
