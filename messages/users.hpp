#pragma once

#include "domain/user.hpp"
#include "messages/common.hpp"

namespace waybill {

/// A text that CAF prints as `***`: it is in no log, no error and no `inspect`.
struct secret_text {
  std::string value;
};

template <class Inspector>
bool inspect(Inspector& f, secret_text& x) {
  if constexpr (!Inspector::is_loading) {
    if (f.has_human_readable_format()) {
      std::string hidden = "***";
      return f.apply(hidden);
    }
  }
  return f.apply(x.value);
}

/// An account as its user and admins see it.
struct user_view {
  user_id id;
  std::string email;
  std::string name;
  std::vector<std::string> roles;
  bool disabled = false;
  timestamp created_at;
  timestamp updated_at;
  std::uint64_t version = 0;
};
BOOST_DESCRIBE_STRUCT(user_view, (), (id, email, name, roles, disabled, created_at, updated_at, version))

/// A session that was opened or refreshed.
struct signed_in {
  user_view user;
  session_id session;
  /// When its refresh token ends.
  timestamp expires_at;
  /// After a refresh: what leads from the token that was shown to the present one, as user::successors.
  std::vector<std::string> successors{};
};
BOOST_DESCRIBE_STRUCT(signed_in, (), (user, session, expires_at, successors))

/// `email` is in its normal form (user::normal_email). Only the hashes of the session's secrets are sent. With an empty
/// password nobody can sign in until it is reset.
struct register_user {
  user_id id;
  std::string email;
  std::string name;
  secret_text password;
  std::vector<std::string> roles;
  std::optional<user::new_session> session;
  provenance origin;
};
BOOST_DESCRIBE_STRUCT(register_user, (), (id, email, name, password, roles, session, origin))

struct log_in {
  user_id id;
  secret_text password;
  user::new_session session;
  provenance origin;
};
BOOST_DESCRIBE_STRUCT(log_in, (), (id, password, session, origin))

/// Replaces the token of `token_hash` by that of `new_hash`, which `nonce` made from it, unless another one has done so
/// a moment ago: signed_in::successors tells which is the present one.
struct refresh_session {
  user_id id;
  std::string family_hash;
  std::string token_hash;
  std::string new_hash;
  std::string nonce;
  provenance origin;
};
BOOST_DESCRIBE_STRUCT(refresh_session, (), (id, family_hash, token_hash, new_hash, nonce, origin))

struct end_session {
  user_id id;
  std::string family_hash;
  provenance origin;
};
BOOST_DESCRIBE_STRUCT(end_session, (), (id, family_hash, origin))

struct get_user {
  user_id id;
};
BOOST_DESCRIBE_STRUCT(get_user, (), (id))

/// Absent fields stay as they are. A new e-mail or password needs the current password.
struct change_user {
  user_id id;
  std::optional<std::string> name;
  std::optional<std::string> email;
  std::optional<secret_text> password;
  secret_text current_password;
  /// Zero means any.
  std::uint64_t expected_version = 0;
  provenance origin;
};
BOOST_DESCRIBE_STRUCT(change_user, (), (id, name, email, password, current_password, expected_version, origin))

struct administer_user {
  user_id id;
  std::optional<std::vector<std::string>> roles;
  std::optional<bool> disabled;
  std::uint64_t expected_version = 0;
  provenance origin;
};
BOOST_DESCRIBE_STRUCT(administer_user, (), (id, roles, disabled, expected_version, origin))

/// From now on the password can be reset with the code of that hash, and with no other.
struct allow_password_reset {
  user_id id;
  std::string code_hash;
  provenance origin;
};
BOOST_DESCRIBE_STRUCT(allow_password_reset, (), (id, code_hash, origin))

struct password_reset {
  timestamp expires_at;
};
BOOST_DESCRIBE_STRUCT(password_reset, (), (expires_at))

/// Uses the code up.
struct reset_password {
  user_id id;
  std::string code_hash;
  secret_text password;
  provenance origin;
};
BOOST_DESCRIBE_STRUCT(reset_password, (), (id, code_hash, password, origin))

// -- passwords --------------------------------------------------------------------------------------------------------

struct hash_password {
  secret_text password;
};
BOOST_DESCRIBE_STRUCT(hash_password, (), (password))

struct password_hash {
  secret_text text;
};
BOOST_DESCRIBE_STRUCT(password_hash, (), (text))

/// `hash` empty: there is no such user. Who signs in (`sign_in`) comes before all other work, and has places of their
/// own in the queue.
struct verify_password {
  secret_text password;
  secret_text hash;
  bool sign_in = false;
};
BOOST_DESCRIBE_STRUCT(verify_password, (), (password, hash, sign_in))

struct password_verdict {
  bool right = false;
  /// It is right, but should be hashed anew: it was hashed as it was typed (not in its normal form), or at another
  /// cost.
  bool outdated = false;
};
BOOST_DESCRIBE_STRUCT(password_verdict, (), (right, outdated))

// -- keys of machines -------------------------------------------------------------------------------------------------

struct create_service_key {
  service_key_id id;
  std::string name;
  std::string token_hash;
  std::vector<std::string> roles;
  std::optional<timestamp> expires_at;
  provenance origin;
};
BOOST_DESCRIBE_STRUCT(create_service_key, (), (id, name, token_hash, roles, expires_at, origin))

struct revoke_service_key {
  service_key_id id;
  provenance origin;
};
BOOST_DESCRIBE_STRUCT(revoke_service_key, (), (id, origin))

} // namespace waybill
