#include "auth/access_token.hpp"

#include "domain/base/ids.hpp"
#include "domain/json/json_parse.hpp"
#include "domain/json/json_writer.hpp"
#include "domain/octets/octets.hpp"
#include "domain/user.hpp"

#include <boost/json/value.hpp>

#include <algorithm>

namespace waybill {

namespace {

namespace json = boost::json;

constexpr std::size_t longest_token = 4096;
constexpr std::string_view token_type = "at+jwt";

/// `at+jwt`, with or without `application/`, in any case (RFC 9068, section 4; RFC 7515, section 4.1.9).
bool is_token_type(std::string_view typ) noexcept {
  constexpr std::string_view application = "application/";
  const auto same = [](std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, [](char x, char y) { return (x >= 'A' && x <= 'Z' ? x + ('a' - 'A') : x) == y; });
  };
  if (same(typ.substr(0, application.size()), application))
    typ.remove_prefix(application.size());
  return same(typ, token_type);
}

std::int64_t seconds_of(timestamp time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

std::optional<json::object> read_object(std::string_view part) {
  const auto text = from_base64url(part);
  if (!text)
    return std::nullopt;
  auto parsed = parse_json(*text);
  auto* object = parsed ? parsed->if_object() : nullptr;
  if (object == nullptr)
    return std::nullopt;
  return std::move(*object);
}

std::string_view text_of(const json::object& from, std::string_view name) {
  const auto* value = from.if_contains({name.data(), name.size()});
  const auto* text = value ? value->if_string() : nullptr;
  return text ? std::string_view{text->data(), text->size()} : std::string_view{};
}

std::optional<timestamp> time_of(const json::object& from, std::string_view name) {
  constexpr std::int64_t last = 253402300799; // the year 9999
  const auto* value = from.if_contains({name.data(), name.size()});
  const auto* seconds = value ? value->if_int64() : nullptr;
  if (seconds == nullptr || *seconds < 0 || *seconds > last)
    return std::nullopt;
  return timestamp{std::chrono::seconds{*seconds}};
}

std::optional<std::vector<std::string>> roles_of(const json::object& from) {
  const auto* value = from.if_contains("roles");
  const auto* words = value ? value->if_array() : nullptr;
  if (words == nullptr)
    return std::nullopt;
  std::vector<std::string> roles;
  for (const auto& word : *words) {
    if (!word.is_string())
      return std::nullopt;
    roles.emplace_back(word.get_string());
  }
  if (!user::are_roles(roles))
    return std::nullopt;
  return roles;
}

/// The key that the header names, if the header is one of ours.
verified_token find_key(const token_keys& keys, const json::object& header, const signing_key*& key) {
  const bool ours = header.size() == 3 && is_token_type(text_of(header, "typ")) && header.contains("alg");
  const auto kid = text_of(header, "kid");
  if (!ours || kid.empty())
    return {std::nullopt, token_fault::malformed};
  key = keys.find(kid);
  if (key == nullptr)
    return {std::nullopt, token_fault::unknown_key};
  if (text_of(header, "alg") != name_of(key->algorithm())) {
    key = nullptr;
    return {std::nullopt, token_fault::malformed};
  }
  return {};
}

verified_token check_claims(const json::object& payload, const token_rules& rules, timestamp now) {
  const auto expires_at = time_of(payload, "exp");
  const auto issued_at = time_of(payload, "iat");
  auto roles = roles_of(payload);
  const auto subject = text_of(payload, "sub");
  const bool complete =
    expires_at && issued_at && roles && is_id(subject, user_id::prefix()) && !text_of(payload, "jti").empty();
  if (!complete || text_of(payload, "iss") != rules.issuer || text_of(payload, "aud") != rules.audience)
    return {std::nullopt, token_fault::wrong_claims};
  const auto not_before = payload.contains("nbf") ? time_of(payload, "nbf") : issued_at;
  if (!not_before || *not_before > now + rules.leeway || *issued_at > now + rules.leeway)
    return {std::nullopt, token_fault::not_yet_valid};
  if (*expires_at + rules.leeway <= now)
    return {std::nullopt, token_fault::expired};
  return {token_claims{std::string{subject}, std::move(*roles), *expires_at}, {}};
}

} // namespace

std::string make_access_token(const token_keys& keys, const token_rules& rules, std::string_view subject,
                              const std::vector<std::string>& roles, timestamp now) {
  const auto& key = keys.signer(now);
  json_writer header;
  header.begin_object()
    .member("alg", name_of(key.algorithm()))
    .member("typ", token_type)
    .member("kid", key.kid())
    .end_object();
  json_writer payload;
  payload.begin_object()
    .member("iss", rules.issuer)
    .member("aud", rules.audience)
    .member("sub", subject)
    .member("iat", seconds_of(now))
    .member("exp", seconds_of(now + rules.lifetime))
    .member("jti", "tok_" + make_id_suffix())
    .key("roles")
    .begin_array();
  for (const auto& role : roles)
    payload.text(role);
  payload.end_array().end_object();
  auto token = to_base64url(header.take()) + '.' + to_base64url(payload.take());
  const auto signature = to_base64url(key.sign(token));
  return token + '.' + signature;
}

verified_token verify_access_token(const token_keys& keys, const token_rules& rules, std::string_view token,
                                   timestamp now) {
  const auto first = token.find('.');
  const auto second = token.find('.', std::min(first, token.size()) + 1);
  const bool three = token.size() <= longest_token && first != std::string_view::npos
                     && second != std::string_view::npos && token.find('.', second + 1) == std::string_view::npos;
  if (!three)
    return {std::nullopt, token_fault::malformed};
  const auto header = read_object(token.substr(0, first));
  const auto signature = from_base64url(token.substr(second + 1));
  if (!header || !signature)
    return {std::nullopt, token_fault::malformed};
  const signing_key* key = nullptr;
  auto outcome = find_key(keys, *header, key);
  if (key == nullptr)
    return outcome;
  if (!key->verify(token.substr(0, second), *signature))
    return {std::nullopt, token_fault::bad_signature};
  // A token with a valid signature is still read strictly: another service may have the key.
  const auto payload = read_object(token.substr(first + 1, second - first - 1));
  if (!payload)
    return {std::nullopt, token_fault::malformed};
  return check_claims(*payload, rules, now);
}

} // namespace waybill
