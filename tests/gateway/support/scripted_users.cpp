#include "domain/base/errors.hpp"
#include "tests/gateway/support/scripted.hpp"

#include <caf/actor_system.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <utility>

// Accounts. Who is not in the world has an account with every role, so that tokens alone decide.

namespace waybill::test::scripted {

namespace {

user_view account_of(const user_id& id) {
  user_view account;
  account.id = id;
  account.roles = {"customer", "courier", "operator", "admin"};
  account.version = 1;
  return account;
}

caf::result<user_view> find(world& w, const user_id& id) {
  const std::lock_guard guard{w.mutex};
  if (w.account_failure != ec::none)
    return refused(w.account_failure);
  const auto known = w.users.find(id.value);
  return known == w.users.end() ? account_of(id) : known->second;
}

/// Every password is wrong.
template <class Answer>
caf::result<Answer> wrong_password(world& w) {
  const std::lock_guard guard{w.mutex};
  ++w.passwords_tried;
  return refused(ec::unauthenticated);
}

user_actor::behavior_type users(world_ptr w) {
  return {[](resume_entity&) {},
          [](wake_up&) {},
          [](retire_entity&) {},
          [](describe_entity&) { return entity_description{}; },
          [w](register_user& x) -> caf::result<signed_in> {
            const std::lock_guard guard{w->mutex};
            w->passwords_tried += x.password.value.empty() ? 0 : 1;
            for (const auto& [id, account] : w->users)
              if (account.email == x.email)
                return refused(ec::duplicate);
            return signed_in{{x.id, x.email, x.name, x.roles, false, now(), now(), 1}, session_id{"ses_1"}, now()};
          },
          [w](log_in&) { return wrong_password<signed_in>(*w); },
          [w](refresh_session& x) -> caf::result<signed_in> {
            const std::lock_guard guard{w->mutex};
            auto& nonces = w->nonces[x.token_hash];
            if (nonces.empty())
              nonces = x.nonce;
            return signed_in{account_of(x.id), session_id{"ses_1"}, now(), {nonces}};
          },
          [](end_session&) {},
          [w](get_user& x) { return find(*w, x.id); },
          [w](change_user& x) -> caf::result<user_view> {
            return x.email || x.password ? wrong_password<user_view>(*w) : find(*w, x.id);
          },
          [w](administer_user& x) { return find(*w, x.id); },
          [w](allow_password_reset& x) -> caf::result<password_reset> {
            const std::lock_guard guard{w->mutex};
            w->reset_codes.push_back(x.code_hash);
            return password_reset{now()};
          },
          [w](reset_password& x) -> caf::result<void> {
            const std::lock_guard guard{w->mutex};
            if (w->reset_codes.empty() || w->reset_codes.back() != x.code_hash)
              return refused(ec::unauthenticated);
            ++w->passwords_tried;
            return caf::unit;
          }};
}

} // namespace

user_actor spawn_users(caf::actor_system& sys, world_ptr w) {
  return sys.spawn(users, std::move(w));
}

} // namespace waybill::test::scripted
