#include "actors/accounts/user_entity.hpp"

#include "actors/entity/region_actor.hpp"
#include "domain/base/errors.hpp"
#include "domain/base/log.hpp"

#include <algorithm>

namespace waybill {

namespace {

std::string_view strongest_role(const std::vector<std::string>& roles) {
  for (const auto role : {user::admin_role, user::operator_role, user::courier_role})
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
  };
}

// -- the entity -------------------------------------------------------------------------------------------------------

/// Secrets are not in the events: they are put into the state here. An append that is refused drops the whole state.
result<std::vector<user::event>> user_entity::decide(const user::command& command) {
  auto decision = user::decide(state(), command, now(), settings_.sessions);
  if (decision && !decision->empty())
    user::take_private(mutable_state(), command);
  return decision;
}

void user_entity::describe(append& request, const std::vector<user::event>& events) {
  // The gateway does not know the roles of who signs in: they act by the strongest one, as with a token.
  if (request.origin.by_kind == "user")
    request.origin.by_kind = strongest_role(state().roles);
  const bool row_changed = std::any_of(events.begin(), events.end(), [](const user::event& event) {
    return !std::holds_alternative<user::session_started>(event)
           && !std::holds_alternative<user::session_refreshed>(event)
           && !std::holds_alternative<user::session_ended>(event);
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

template <class Answer, class Question, class Promise, class Function>
void user_entity::ask_hasher(Question question, Promise promise, Function done) {
  ++hashing_;
  self()
    ->request(hasher_, settings_.hashing.patience, std::move(question))
    .then(
      [this, done](Answer& answer) mutable {
        --hashing_;
        done(answer);
        end_if_retired();
      },
      [this, promise](caf::error& reason) mutable {
        --hashing_;
        promise.deliver(to_error(to_failure(reason)));
        end_if_retired();
      });
}

caf::result<signed_in> user_entity::on_register(const register_user& command) {
  auto promise = self()->make_response_promise<signed_in>();
  ask_hasher<password_hash>(hash_password{command.password}, promise, [this, promise, command](password_hash& hash) {
    user::register_account account{
      command.id, {command.email, command.name, std::move(hash.text.value)}, command.roles, command.session};
    execute(
      std::move(account), command.origin, [this, promise, session = command.session](const outcome& reply) mutable {
        if (reply.error) {
          promise.deliver(to_error(*reply.error));
          return;
        }
        const auto* opened = session ? user::find_session(state(), session->family_hash, session->token_hash) : nullptr;
        promise.deliver(opened ? view_of_session(*opened) : signed_in{view(), {}, {}});
      });
  });
  return promise;
}

/// The password is verified also for users that do not exist or are disabled: the time of the answer must not tell.
caf::result<signed_in> user_entity::on_log_in(const log_in& command) {
  auto promise = self()->make_response_promise<signed_in>();
  read([this, promise, command](const outcome& reply) mutable {
    if (reply.error) {
      promise.deliver(to_error(*reply.error));
      return;
    }
    const bool may_enter = exists() && !state().disabled;
    verify_password question{command.password, {may_enter ? state().profile.password_hash : ""}};
    ask_hasher<bool>(std::move(question), promise, [this, promise, command](bool right) mutable {
      if (right)
        open_session(command, promise);
      else
        promise.deliver(to_error(wrong_credentials()));
    });
  });
  return promise;
}

void user_entity::open_session(const log_in& command, signed_in_promise promise) {
  execute(user::start_session{command.session}, command.origin,
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
  user::refresh refresh{command.family_hash, command.token_hash, command.new_hash};
  execute(std::move(refresh), command.origin, [this, promise, command](const outcome& reply) mutable {
    if (reply.error) {
      promise.deliver(to_error(*reply.error));
      return;
    }
    if (const auto* session = user::find_session(state(), command.family_hash, command.new_hash)) {
      promise.deliver(view_of_session(*session));
      return;
    }
    log_warning("user {}: a refresh token was used a second time, its session has ended", id());
    promise.deliver(to_error({ec::unauthenticated, "the refresh token is not valid (any more)"}));
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
    carry_out_change(command, std::nullopt, promise);
    return promise;
  }
  read([this, promise, command](const outcome& reply) mutable {
    if (reply.error) {
      promise.deliver(to_error(*reply.error));
      return;
    }
    verify_password question{command.current_password, {exists() ? state().profile.password_hash : ""}};
    ask_hasher<bool>(std::move(question), promise, [this, promise, command](bool right) mutable {
      if (!right)
        promise.deliver(to_error({ec::unauthenticated, "the current password is wrong"}));
      else if (!command.password)
        carry_out_change(command, std::nullopt, promise);
      else
        ask_hasher<password_hash>(hash_password{*command.password}, promise,
                                  [this, promise, command](password_hash& hash) {
                                    carry_out_change(command, std::move(hash.text.value), promise);
                                  });
    });
  });
  return promise;
}

void user_entity::carry_out_change(const change_user& command, std::optional<std::string> hash,
                                   caf::typed_response_promise<user_view> promise) {
  execute(
    user::change{command.name, command.email, std::move(hash)}, command.origin,
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

// -- the region -------------------------------------------------------------------------------------------------------

user_region_actor spawn_user_region(caf::actor_system& sys, const entity_services& services,
                                    const account_settings& settings, const password_hasher_actor& hasher) {
  return spawn_region<user_entity>(sys, services, settings.region, settings, hasher);
}

} // namespace waybill
