#pragma once

#include "gateway/context/context.hpp"
#include "gateway/http/json_body.hpp"
#include "gateway/http/reading.hpp"

#include <string>

/// What the handlers of accounts and sessions have in common. Whatever verifies or makes a password is charged as
/// `auth`: to the address by its route, and to the account that is tried.
namespace waybill::http::routes::accounts {

/// Reads the members of the body with `read`. Throws a problem with status 422 when one is wrong.
template <class Read>
void read_fields(const request& req, Read read) {
  const auto body = read_body(req);
  std::vector<field_error> errors;
  object_reader from{body, "", errors};
  read(from);
  from.finish();
  require_valid(body, errors);
}

/// A password that is to be set, as it was typed; its length counts as it is compared (opaque_string).
secret_text read_new_password(object_reader& from, std::string_view name);

/// A password that is to be checked: one that is too long to be set is refused, a shorter one is simply wrong.
secret_text read_password(object_reader& from, std::string_view name);

/// An e-mail address in its normal form; empty, with an error, for what is none.
std::string read_email(object_reader& from, std::string_view name);

/// The user who signs in is the one who acts.
provenance origin_of(const request& req, const user_id& user);

/// Takes the share of the account that is tried; see request_charge.
void charge_account(const request& req, std::string_view name);

} // namespace waybill::http::routes::accounts
