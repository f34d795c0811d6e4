#pragma once

#include "domain/base/ids.hpp"

#include <optional>
#include <string>
#include <string_view>

/// The secrets of an account that only its person has, and we only hashes of. The user in them says which entity to
/// ask.
namespace waybill::http {

/// A refresh token: `wbr_<user>_<family><token>`. The secret of the family is the same in all tokens of a session: it
/// proves that an old token was once valid.
struct refresh_token {
  user_id user;
  std::string family;
  std::string token;

  /// The first one of a new session.
  static refresh_token make(user_id user);
  static std::optional<refresh_token> parse(std::string_view text);

  /// The one that takes its place: made from the secret of this one and a nonce (HMAC-SHA-256), so that whoever shows
  /// this one once more can be given the same next one, although neither is stored.
  [[nodiscard]] refresh_token next(std::string_view nonce) const;

  [[nodiscard]] std::string text() const;
  [[nodiscard]] std::string family_hash() const;
  [[nodiscard]] std::string token_hash() const;
};

/// What makes the next token of one.
std::string make_nonce();

/// A code with which a password can be reset: `wbc_<user>_<code>`.
struct reset_code {
  user_id user;
  std::string code;

  static reset_code make(user_id user);
  static std::optional<reset_code> parse(std::string_view text);

  [[nodiscard]] std::string text() const;
  [[nodiscard]] std::string hash() const;
};

} // namespace waybill::http
