#include "gateway/routes/accounts/account_views.hpp"

namespace waybill::http {

namespace {

void write_words(json_writer& out, const std::vector<std::string>& words) {
  out.begin_array();
  for (const auto& word : words)
    out.text(word);
  out.end_array();
}

void write_time(json_writer& out, std::string_view name, const std::optional<timestamp>& time) {
  out.key(name);
  if (time)
    out.text(to_rfc3339(*time));
  else
    out.null();
}

} // namespace

std::vector<std::string> split_words(const std::string& text) {
  std::vector<std::string> words;
  for (std::size_t begin = 0; begin < text.size();) {
    const auto end = std::min(text.find(',', begin), text.size());
    words.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return words;
}

void write_user(json_writer& out, const user_view& what) {
  out.begin_object().member("id", what.id.value).member("email", what.email).member("name", what.name);
  write_words(out.key("roles"), what.roles);
  out.member("disabled", what.disabled)
    .member("customer_id", sibling_id<customer_id>(what.id).value)
    .member("created_at", to_rfc3339(what.created_at))
    .member("updated_at", to_rfc3339(what.updated_at))
    .member("version", what.version)
    .end_object();
}

void write_user(json_writer& out, const user_row& what) {
  out.begin_object().member("id", what.id).member("email", what.email).member("name", what.name);
  write_words(out.key("roles"), split_words(what.roles));
  out.member("disabled", what.disabled)
    .member("customer_id", sibling_id<customer_id>(user_id{what.id}).value)
    .member("created_at", to_rfc3339(what.created_at))
    .end_object();
}

void write_service_key(json_writer& out, const service_key_row& what) {
  out.begin_object().member("id", what.id).member("name", what.name);
  write_words(out.key("roles"), split_words(what.roles));
  out.member("created_by", what.created_by).member("created_at", to_rfc3339(what.created_at));
  write_time(out, "expires_at", what.expires_at);
  write_time(out, "revoked_at", what.revoked_at);
  out.end_object();
}

} // namespace waybill::http
