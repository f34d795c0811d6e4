#include "gateway/routes/accounts/credentials.hpp"

#include "domain/text/unicode.hpp"
#include "domain/user.hpp"
#include "gateway/context/request_charge.hpp"
#include "gateway/http/field_limits.hpp"

#include <utility>

namespace waybill::http::routes::accounts {

namespace {

/// Any code point may stand in what is only compared; the bound only saves the time to hash.
constexpr std::size_t longest_typed = 4 * limits::password.most;

std::string read_typed(object_reader& from, std::string_view name) {
  const auto* value = from.optional(name);
  if (!value) {
    from.complain(name, "is missing");
    return {};
  }
  const auto* text = value->if_string();
  if (!text || text->empty() || text->size() > longest_typed) {
    from.complain(name, text ? "must be 1 to 128 characters long" : "must be a string");
    return {};
  }
  return {text->data(), text->size()};
}

} // namespace

secret_text read_new_password(object_reader& from, std::string_view name) {
  auto typed = read_typed(from, name);
  if (typed.empty())
    return {};
  if (!is_opaque_string(typed))
    from.complain(name, "must not contain control characters, or others that cannot be seen");
  else if (auto wrong = check_length(opaque_string(typed), limits::password); !wrong.empty())
    from.complain(name, std::move(wrong));
  return {std::move(typed)};
}

secret_text read_password(object_reader& from, std::string_view name) {
  return {read_typed(from, name)};
}

std::string read_email(object_reader& from, std::string_view name) {
  const auto email = from.text(name, limits::email);
  auto normal = user::normal_email(email);
  if (!normal && !email.empty())
    from.complain(name, "is not an e-mail address");
  return normal.value_or("");
}

provenance origin_of(const request& req, const user_id& user) {
  auto origin = req.origin();
  origin.by_kind = "user";
  origin.by_id = user.value;
  return origin;
}

void charge_account(const request& req, std::string_view name) {
  if (req.charge)
    req.charge->take_of_account(name);
}

} // namespace waybill::http::routes::accounts
