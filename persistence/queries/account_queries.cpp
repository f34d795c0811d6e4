#include "persistence/queries/account_queries.hpp"

#include "persistence/database/query_builder.hpp"
#include "persistence/queries/list_page.hpp"

namespace waybill {

namespace {

/// Puts the rows of a query into users; `with_hash` only where the password is to be checked.
class user_columns {
public:
  user_columns(query_builder& builder, bool with_hash) : with_hash_{with_hash} {
    builder.into(row_.id);
    builder.into(row_.email);
    builder.into(row_.name);
    if (with_hash)
      builder.into(row_.password_hash);
    builder.into(row_.roles);
    builder.into(disabled_);
    builder.into(created_at_);
  }

  [[nodiscard]] std::string names() const {
    return std::string{"id, email, name, "} + (with_hash_ ? "password_hash, " : "")
           + "roles, case when disabled then 1 else 0 end, created_at";
  }

  [[nodiscard]] user_row row() const {
    auto result = row_;
    result.disabled = disabled_ != 0;
    result.created_at = to_time(created_at_);
    return result;
  }

private:
  bool with_hash_;
  user_row row_;
  int disabled_ = 0;
  long long created_at_ = 0;
};

class service_key_columns {
public:
  explicit service_key_columns(query_builder& builder) {
    builder.into(row_.id);
    builder.into(row_.name);
    builder.into(row_.token_hash);
    builder.into(row_.roles);
    builder.into(row_.created_by);
    builder.into(created_at_);
    builder.into(expires_at_);
    builder.into(revoked_at_);
  }

  static constexpr auto select =
    "select id, name, token_hash, roles, created_by, created_at, coalesce(expires_at, -1), "
    "coalesce(revoked_at, -1) from service_keys where ";

  [[nodiscard]] service_key_row row() const {
    auto result = row_;
    result.created_at = to_time(created_at_);
    result.expires_at = to_optional_time(expires_at_);
    result.revoked_at = to_optional_time(revoked_at_);
    return result;
  }

private:
  service_key_row row_;
  long long created_at_ = 0;
  long long expires_at_ = 0;
  long long revoked_at_ = 0;
};

user_page fetch_users(query_builder& builder, const std::string& condition, std::uint32_t limit) {
  user_columns columns{builder, false};
  builder.execute("select " + columns.names() + " from users where " + condition + " order by id"
                  + limit_of_page(limit));
  user_page page;
  page.more = fetch_page(builder, limit, page.users, [&] { return columns.row(); });
  return page;
}

} // namespace

std::optional<user_row> read_user(connection& database, const std::string& id) {
  query_builder builder{database};
  builder.use(id, "wanted");
  user_columns columns{builder, true};
  builder.execute("select " + columns.names() + " from users where id = :wanted");
  return builder.fetch() ? std::optional{columns.row()} : std::nullopt;
}

user_page run_query(connection& database, const find_user& query) {
  query_builder builder{database};
  builder.use(query.email, "email");
  return fetch_users(builder, "email = :email", 1);
}

user_page run_query(connection& database, const list_users& query) {
  query_builder builder{database};
  std::string condition = "id > :after";
  builder.use(query.cursor_id, "after");
  if (!query.email.empty()) {
    condition += " and email = :email";
    builder.use(query.email, "email");
  }
  const auto word = ',' + query.role + ',';
  if (!query.role.empty()) {
    // Nearly all users are customers and nothing else; of the others there is an index.
    if (query.role != "customer")
      condition += " and roles <> 'customer'";
    const std::string find = database.kind() == dialect::sqlite ? "instr" : "strpos";
    condition += " and " + find + "(',' || roles || ',', :role) > 0";
    builder.use(word, "role");
  }
  return fetch_users(builder, condition, query.limit);
}

found_service_key run_query(connection& database, const find_service_key& query) {
  query_builder builder{database};
  const bool by_hash = !query.token_hash.empty();
  builder.use(by_hash ? query.token_hash : query.id, "wanted");
  const service_key_columns columns{builder};
  builder.execute(service_key_columns::select + std::string{by_hash ? "token_hash" : "id"} + " = :wanted");
  return builder.fetch() ? found_service_key{columns.row()} : found_service_key{};
}

namespace {

/// Adds the rows of `table` that have one of these ids and meet the condition.
void add_callers(connection& database, const std::vector<std::string>& ids, const std::string& table,
                 const std::string& condition, std::vector<caller_roles>& to) {
  query_builder builder{database};
  std::string wanted;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto name = "id" + std::to_string(i);
    wanted += (wanted.empty() ? ":" : ", :") + name;
    builder.use(ids[i], name);
  }
  caller_roles row;
  builder.into(row.id);
  builder.into(row.roles);
  builder.execute("select id, roles from " + table + " where id in (" + wanted + ") and " + condition);
  while (builder.fetch())
    to.push_back(row);
}

} // namespace

found_callers run_query(connection& database, const find_callers& query) {
  found_callers answer;
  if (query.ids.empty())
    return answer;
  add_callers(database, query.ids, "users", "not disabled", answer.callers);
  add_callers(database, query.ids, "service_keys", "revoked_at is null", answer.callers);
  return answer;
}

service_key_page run_query(connection& database, const list_service_keys& query) {
  query_builder builder{database};
  builder.use(query.cursor_id, "after");
  const service_key_columns columns{builder};
  builder.execute(service_key_columns::select + ("id > :after order by id" + limit_of_page(query.limit)));
  service_key_page page;
  page.more = fetch_page(builder, query.limit, page.keys, [&] { return columns.row(); });
  return page;
}

} // namespace waybill
