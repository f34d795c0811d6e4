#include "nodes/accounts/first_admin.hpp"

#include "actors/entity/entity_support.hpp"
#include "domain/base/errors.hpp"
#include "domain/base/log.hpp"
#include "domain/octets/octets.hpp"
#include "domain/user.hpp"

#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>

namespace waybill {

namespace {

class first_admin {
public:
  static inline const char* name = "waybill.first_admin";

  first_admin(caf::event_based_actor* self, reader_actor reader, user_actor users, first_admin_settings settings)
    : self_{self}, reader_{std::move(reader)}, users_{std::move(users)}, settings_{std::move(settings)} {
    constexpr std::size_t octets = 15;
    made_ = settings_.password.empty();
    if (made_)
      settings_.password = to_base64url(random_octets(octets));
    wanted_.id = derive_id<user_id>("first admin");
    wanted_.email = settings_.email;
    wanted_.name = "Administrator";
    wanted_.password.value = settings_.password;
    wanted_.roles = {std::string{user::admin_role}};
    // Nobody knows its secrets: it only tells a repeated command from that of another node.
    wanted_.session =
      user::new_session{make_id<session_id>(), sha256_hex(random_octets(octets)), sha256_hex(random_octets(octets))};
    wanted_.origin.correlation_id = wanted_.id.value;
    wanted_.origin.by_id = "first_admin";
  }

  caf::behavior make_behavior() {
    look();
    return {[this](caf::tick_atom) { look(); }};
  }

private:
  static constexpr milliseconds pause{500};
  static constexpr milliseconds patience{10'000};

  void again(const caf::error&) { self_->delayed_send(self_, pause, caf::tick_atom_v); }

  void look() {
    self_->request(reader_, patience, list_users{{}, std::string{user::admin_role}, {}, 1})
      .then(
        [this](const user_page& admins) {
          if (admins.users.empty())
            make();
          else
            finish();
        },
        [this](const caf::error& reason) { again(reason); });
  }

  void finish() {
    *settings_.is_there = true;
    self_->quit();
  }

  void make() {
    self_->request(users_, patience, wanted_)
      .then(
        [this](const signed_in& admin) {
          log_info("made the first admin, {}", admin.user.id.value);
          if (made_ && settings_.show)
            settings_.show(settings_.email, settings_.password);
          finish();
        },
        [this](const caf::error& reason) {
          if (to_failure(reason).code != ec::duplicate) {
            again(reason);
            return;
          }
          log_warning("no admin was made: another node has just made one, or {} is taken by a user without the role",
                      settings_.email);
          finish();
        });
  }

  caf::event_based_actor* self_;
  reader_actor reader_;
  user_actor users_;
  first_admin_settings settings_;
  register_user wanted_;
  bool made_ = false;
};

} // namespace

caf::actor spawn_first_admin(caf::actor_system& sys, const reader_actor& reader, const user_actor& users,
                             first_admin_settings settings) {
  return caf::actor_cast<caf::actor>(sys.spawn<caf::stateful_actor<first_admin>>(reader, users, std::move(settings)));
}

} // namespace waybill
