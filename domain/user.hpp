#pragma once

#include "domain/base/ids.hpp"
#include "domain/base/result.hpp"
#include "domain/base/time.hpp"

#include <boost/describe/class.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// A person who can sign in, with the sessions (families of refresh tokens) that are open.
///
/// Personal data, which must be erasable, and the password hash, which no reader of the log may see, are in no event:
/// e-mail, name and password hash are stored in a row of their own (docs/adr/0008). Of refresh tokens only hashes are
/// stored, and clients do not see these either.
namespace waybill::user {

struct settings {
  /// A session that was not refreshed for so long has ended.
  milliseconds refresh_lifetime{std::chrono::hours{24 * 30}};
  /// For so long after a rotation the replaced token gets the token that took its place: the answer may have been lost,
  /// or two parts of a client refreshed at once. Zero: never.
  milliseconds retry_grace{10'000};
  /// Sessions of one user at once; one more ends the oldest.
  std::size_t max_sessions = 20;
  /// A code with which a password is reset holds for.
  milliseconds reset_lifetime{std::chrono::hours{1}};
};

// -- roles ------------------------------------------------------------------------------------------------------------

/// The words of roles, as tokens, events and clients have them.
inline constexpr std::string_view customer_role = "customer";
inline constexpr std::string_view courier_role = "courier";
/// Sees what operators see, and changes nothing of it.
inline constexpr std::string_view observer_role = "observer";
inline constexpr std::string_view operator_role = "operator";
inline constexpr std::string_view admin_role = "admin";

/// Whether all are known and none comes twice.
bool are_roles(const std::vector<std::string>& words) noexcept;

// -- e-mail addresses -------------------------------------------------------------------------------------------------

/// The address in lower case if it can be one (RFC 5321, sections 4.1.2 and 4.5.3.1: ASCII, `local@domain`, at most
/// 64 and 254 characters; no quoted local part, no address literal): two addresses that differ in case are one account.
std::optional<std::string> normal_email(std::string_view text);

// -- events -----------------------------------------------------------------------------------------------------------

struct registered {
  static constexpr std::string_view type = "user.registered";
  user_id user;
  std::vector<std::string> roles;
};
BOOST_DESCRIBE_STRUCT(registered, (), (user, roles))

/// `fields` names the changed ones of name, email, password; `password_hash`: the same password was hashed anew.
struct changed {
  static constexpr std::string_view type = "user.changed";
  std::vector<std::string> fields;
};
BOOST_DESCRIBE_STRUCT(changed, (), (fields))

struct roles_changed {
  static constexpr std::string_view type = "user.roles_changed";
  std::vector<std::string> roles;
};
BOOST_DESCRIBE_STRUCT(roles_changed, (), (roles))

struct disabled {
  static constexpr std::string_view type = "user.disabled";
};
BOOST_DESCRIBE_STRUCT(disabled, (), ())

struct enabled {
  static constexpr std::string_view type = "user.enabled";
};
BOOST_DESCRIBE_STRUCT(enabled, (), ())

/// The hashes are hexadecimal SHA-256.
struct session_started {
  static constexpr std::string_view type = "user.session_started";
  static constexpr std::array hidden{"family_hash", "token_hash"};
  session_id session;
  std::string family_hash;
  std::string token_hash;
  timestamp expires_at;
};
BOOST_DESCRIBE_STRUCT(session_started, (), (session, family_hash, token_hash, expires_at))

/// `retried`: it replaces a token whose answer was lost.
struct session_refreshed {
  static constexpr std::string_view type = "user.session_refreshed";
  static constexpr std::array hidden{"token_hash"};
  session_id session;
  std::string token_hash;
  timestamp expires_at;
  bool retried = false;
};
BOOST_DESCRIBE_STRUCT(session_refreshed, (), (session, token_hash, expires_at, retried))

/// An admin had a code made with which the password can be reset, once.
struct password_reset_allowed {
  static constexpr std::string_view type = "user.password_reset_allowed";
  timestamp expires_at;
};
BOOST_DESCRIBE_STRUCT(password_reset_allowed, (), (expires_at))

/// `reason`: logged_out, token_reused, replaced, password_changed, disabled.
struct session_ended {
  static constexpr std::string_view type = "user.session_ended";
  session_id session;
  std::string reason;
};
BOOST_DESCRIBE_STRUCT(session_ended, (), (session, reason))

using event = std::variant<registered, changed, roles_changed, disabled, enabled, session_started, session_refreshed,
                           session_ended, password_reset_allowed>;

// -- state ------------------------------------------------------------------------------------------------------------

/// A refresh token that another one replaced. Whoever shows it can make the next one from it and `nonce` (see
/// gateway/auth/account_secret.hpp); nobody can from what is stored alone.
struct rotation {
  static constexpr std::array hidden{"token_hash", "nonce", "next_hash"};
  std::string token_hash;
  std::string nonce;
  std::string next_hash;
  timestamp at;
};
BOOST_DESCRIBE_STRUCT(rotation, (), (token_hash, nonce, next_hash, at))

struct session {
  static constexpr std::array hidden{"family_hash", "token_hash", "previous_hash", "rotations"};
  session_id id;
  std::string family_hash;
  std::string token_hash;
  /// Of the token that the present one replaced.
  std::string previous_hash;
  timestamp rotated_at;
  timestamp expires_at;
  /// The last ones, oldest first. Not in the events: without them a replaced token is refused.
  std::vector<rotation> rotations{};
};
BOOST_DESCRIBE_STRUCT(session, (), (id, family_hash, token_hash, previous_hash, rotated_at, expires_at, rotations))

/// A code with which the password can be reset.
struct reset_code {
  static constexpr std::array hidden{"hash"};
  /// Hexadecimal SHA-256. Not in the events: without it no code is good.
  std::string hash;
  timestamp expires_at;
};
BOOST_DESCRIBE_STRUCT(reset_code, (), (hash, expires_at))

/// What is known of a person.
struct profile {
  /// As normal_email gives it.
  std::string email;
  std::string name;
  /// As libsodium's crypto_pwhash_str makes it: with its salt and cost. Empty: no password is right.
  std::string password_hash;
};

struct state {
  user_id id;
  std::vector<std::string> roles;
  bool disabled = false;
  /// Oldest first.
  std::vector<session> sessions;
  timestamp created_at;
  timestamp updated_at;
  std::uint64_t version = 0;
  std::optional<reset_code> reset{};
  /// Stored as a row of its own, not as a part of the state's JSON.
  user::profile profile;
};
BOOST_DESCRIBE_STRUCT(state, (), (id, roles, disabled, sessions, created_at, updated_at, version, reset))

// -- commands ---------------------------------------------------------------------------------------------------------

/// The hashes of a new refresh token and of the secret that all tokens of its family share.
struct new_session {
  session_id id;
  std::string family_hash;
  std::string token_hash;
};
BOOST_DESCRIBE_STRUCT(new_session, (), (id, family_hash, token_hash))

/// The account and its first session, if it is to have one.
struct register_account {
  user_id user;
  user::profile profile;
  std::vector<std::string> roles;
  std::optional<new_session> session;
};
/// The password was right.
struct start_session {
  new_session session;
  /// What it was checked against; empty: not known. Another one now: the password has been changed meanwhile.
  std::string proven_hash{};
  /// Takes its place, if there is one.
  std::optional<std::string> new_hash{};
};
struct refresh {
  std::string family_hash;
  std::string token_hash;
  std::string new_hash;
  /// Made `new_hash`'s token from that of `token_hash`.
  std::string nonce{};
};
struct end_session {
  std::string family_hash;
};
/// Absent fields stay as they are. A new password ends all sessions.
struct change {
  std::optional<std::string> name;
  std::optional<std::string> email;
  std::optional<std::string> password_hash;
  /// As in start_session.
  std::string proven_hash{};
};
/// From now on the password can be reset with this code, and with no other.
struct allow_reset {
  std::string code_hash;
};
/// Uses the code up. Ends all sessions.
struct reset_password {
  std::string code_hash;
  std::string password_hash;
};
/// What an admin changes. Disabling ends all sessions.
struct administer {
  std::optional<std::vector<std::string>> roles;
  std::optional<bool> disabled;
};

using command =
  std::variant<register_account, start_session, refresh, end_session, change, administer, allow_reset, reset_password>;

/// The events that `cmd` leads to; none when what it asks for already holds, so that every command is safe to repeat.
/// Fails with ec::not_found before `register_account`, ec::duplicate for a second one, ec::unauthenticated when there
/// is no such session, the account is disabled, or a code or a proof does not hold. A token that was replaced within
/// the grace leads to nothing: `successors` leads from it to the present one. One that was replaced before ends its
/// session: then the command leads to session_ended and has not refreshed anything.
result<std::vector<event>> decide(const state& current, const command& cmd, timestamp now, const settings& options);

/// The state after `recorded`.
void apply(state& current, const event& recorded, timestamp at);

/// Puts the data that events leave out into the state. Only for commands that lead to events, before these are applied.
void take_private(state& current, const command& cmd, timestamp now, const settings& options);

/// The live session whose present token this is, or null.
const session* find_session(const state& current, std::string_view family_hash, std::string_view token_hash) noexcept;

/// The session of the family, or null.
const session* find_family(const state& current, std::string_view family_hash) noexcept;

/// The nonces that lead from a token to the present one of its session, none for the present one itself; nothing when
/// the session has ended or does not know the token (any more).
std::optional<std::vector<std::string>> successors(const state& current, std::string_view family_hash,
                                                   std::string_view token_hash);

/// Whether a password can be reset with this code now.
bool may_reset(const state& current, std::string_view code_hash, timestamp now) noexcept;

} // namespace waybill::user
