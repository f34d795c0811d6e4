#include "domain/base/errors.hpp"
#include "persistence/queries/signing_keys.hpp"
#include "tests/persistence/backends.hpp"

#include <map>
#include <thread>

#define CAF_SUITE persistence.accounts
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

append account(const std::string& id, const std::string& email, std::uint64_t version = 0,
               const std::string& roles = "customer") {
  auto entry = make_append(id, version);
  entry.kind = entity_kind::user;
  entry.rows.push_back(user_row{id, email, "name of " + id, "$argon2id$" + id, roles, false, timestamp{}});
  return entry;
}

service_key_row key(const std::string& id) {
  return {id, "name", "hash of " + id, "admin,customer", "usr_1", now(), {}, {}};
}

append of_key(const service_key_row& row, std::uint64_t version) {
  auto entry = make_append(row.id, version);
  entry.kind = entity_kind::service_key;
  entry.rows.push_back(row);
  return entry;
}

} // namespace

SCENARIO("a user is loaded with their private row, and found by e-mail without the password hash") {
  on_every_backend([](backend& database, const std::string& name) {
    MESSAGE(name);
    auto journal = database.journal();
    auto query = database.query();
    write(*journal, account("usr_1", "ada@example.com"));
    const auto stored = query->run(load_entity{entity_kind::user, "usr_1"}).value();
    REQUIRE(stored.user.has_value());
    CHECK_EQ(stored.user->password_hash, "$argon2id$usr_1");
    CHECK_EQ(stored.user->email, "ada@example.com");
    CHECK(!query->run(load_entity{entity_kind::order, "usr_1"}).value().user);
    const auto page = query->run(find_user{"ada@example.com"}).value();
    REQUIRE_EQ(page.users.size(), 1u);
    CHECK_EQ(page.users[0].id, "usr_1");
    CHECK_EQ(page.users[0].password_hash, "");
    CHECK(query->run(find_user{"Ada@example.com"}).value().users.empty());
    auto changed = account("usr_1", "countess@example.com", 1, "customer,operator");
    std::get<user_row>(changed.rows[0]).disabled = true;
    write(*journal, changed);
    CHECK(query->run(find_user{"ada@example.com"}).value().users.empty());
    const auto now = query->run(find_user{"countess@example.com"}).value().users.at(0);
    CHECK(now.disabled);
    CHECK_EQ(now.roles, "customer,operator");
  });
}

SCENARIO("an e-mail address belongs to one user, also with concurrent registrations") {
  on_every_backend([](backend& database, const std::string& name) {
    MESSAGE(name);
    auto journal = database.journal();
    write(*journal, account("usr_1", "ada@example.com"));
    CHECK(outcome_of(*journal, account("usr_2", "ada@example.com")) == ec::duplicate);
    const std::vector<append> together{account("usr_3", "bob@example.com"), account("usr_4", "bob@example.com"),
                                       account("usr_5", "eve@example.com")};
    const auto outcomes = journal->commit(together).value();
    CHECK(outcomes[0].has_value());
    CHECK(outcomes[1].has_error());
    CHECK(outcomes[2].has_value());
    write(*journal, account("usr_1", "free@example.com", 1));
    CHECK(outcome_of(*journal, account("usr_2", "ada@example.com")) == ec::none);
  });
}

SCENARIO("users are listed by id, role and e-mail") {
  on_every_backend([](backend& database, const std::string& name) {
    MESSAGE(name);
    auto journal = database.journal();
    auto query = database.query();
    for (int i = 1; i <= 5; ++i)
      write(*journal, account("usr_" + std::to_string(i), std::to_string(i) + "@example.com", 0,
                              i % 2 == 0 ? "customer,admin" : "customer"));
    const auto first = query->run(list_users{{}, {}, {}, 3}).value();
    CHECK_EQ(first.users.size(), 3u);
    CHECK(first.more);
    const auto rest = query->run(list_users{{}, {}, first.users.back().id, 3}).value();
    CHECK_EQ(rest.users.size(), 2u);
    CHECK(!rest.more);
    CHECK_EQ(query->run(list_users{{}, "admin", {}, 50}).value().users.size(), 2u);
    CHECK_EQ(query->run(list_users{{}, "adm", {}, 50}).value().users.size(), 0u);
    CHECK_EQ(query->run(list_users{"3@example.com", "customer", {}, 50}).value().users.at(0).id, "usr_3");
  });
}

SCENARIO("a service key is found by its hash and its id, and stays revoked") {
  on_every_backend([](backend& database, const std::string& name) {
    MESSAGE(name);
    auto journal = database.journal();
    auto query = database.query();
    auto row = key("key_1");
    row.expires_at = timestamp{std::chrono::seconds{2'000'000'000}};
    write(*journal, of_key(row, 0));
    write(*journal, of_key(key("key_2"), 0));
    const auto stored = query->run(find_service_key{"hash of key_1", {}}).value().key;
    REQUIRE(stored.has_value());
    CHECK_EQ(stored->id, "key_1");
    CHECK_EQ(stored->roles, "admin,customer");
    CHECK(stored->expires_at == row.expires_at);
    CHECK(!stored->revoked_at);
    CHECK(!query->run(find_service_key{"another hash", {}}).value().key);
    row.revoked_at = timestamp{std::chrono::seconds{1'900'000'000}};
    write(*journal, of_key(row, 1));
    CHECK(query->run(find_service_key{{}, "key_1"}).value().key->revoked_at == row.revoked_at);
    row.revoked_at.reset();
    write(*journal, of_key(row, 2));
    CHECK(query->run(find_service_key{{}, "key_1"}).value().key->revoked_at.has_value());
    const auto page = query->run(list_service_keys{{}, 1}).value();
    CHECK(page.more);
    CHECK_EQ(query->run(list_service_keys{page.keys.back().id, 1}).value().keys.at(0).id, "key_2");
  });
}

SCENARIO("nodes that start together make one signing key between them") {
  sqlite_backend sqlite;
  postgresql_backend postgresql;
  for (const auto* config : {&sqlite.config, &postgresql.config}) {
    MESSAGE(config->url.substr(0, 6));
    std::vector<std::vector<stored_signing_key>> seen(4);
    {
      std::vector<std::jthread> nodes;
      for (std::size_t i = 0; i < seen.size(); ++i)
        nodes.emplace_back([&, i] {
          const auto kept = keep_signing_keys(*config, [i](const std::vector<stored_signing_key>& keys) {
            signing_key_change change;
            if (keys.empty())
              change.added.push_back({"kid " + std::to_string(i), "EdDSA", "secret", timestamp{}, timestamp{}});
            return change;
          });
          if (kept)
            seen[i] = *kept;
        });
    }
    for (const auto& keys : seen) {
      REQUIRE_EQ(keys.size(), 1u);
      CHECK_EQ(keys[0].kid, seen[0][0].kid);
      CHECK_EQ(keys[0].secret, "secret");
    }
    const auto kid = seen[0][0].kid;
    const auto next = keep_signing_keys(*config, [&](const std::vector<stored_signing_key>& keys) {
      signing_key_change change;
      if (keys.size() == 1 && keys[0].kid == kid) {
        change.added.push_back({"next", "ES256", "other", timestamp{}, timestamp{std::chrono::seconds{5}}});
        change.removed.push_back(kid);
      }
      return change;
    });
    REQUIRE(next.has_value());
    REQUIRE_EQ(next->size(), 1u);
    CHECK_EQ(next->front().kid, "next");
    CHECK(next->front().signs_from == timestamp{std::chrono::seconds{5}});
  }
}

SCENARIO("one query finds the callers that still have rights, both users and keys") {
  on_every_backend([](backend& database, const std::string& name) {
    MESSAGE(name);
    auto journal = database.journal();
    auto query = database.query();
    CHECK(query->run(find_callers{}).value().callers.empty());
    write(*journal, account("usr_1", "ada@example.com", 0, "customer,operator"));
    write(*journal, account("usr_2", "bob@example.com"));
    write(*journal, of_key(key("key_1"), 0));
    write(*journal, of_key(key("key_2"), 0));
    const auto roles_of = [&](std::vector<std::string> ids) {
      std::map<std::string, std::string> roles;
      for (const auto& caller : query->run(find_callers{std::move(ids)}).value().callers)
        roles[caller.id] = caller.roles;
      return roles;
    };
    using roles = std::map<std::string, std::string>;
    CHECK(roles_of({"usr_1", "key_1", "usr_9"})
          == (roles{{"usr_1", "customer,operator"}, {"key_1", "admin,customer"}}));
    auto disabled = account("usr_1", "ada@example.com", 1);
    std::get<user_row>(disabled.rows[0]).disabled = true;
    write(*journal, disabled);
    write(*journal, account("usr_2", "bob@example.com", 1, "courier"));
    auto revoked = key("key_1");
    revoked.revoked_at = now();
    write(*journal, of_key(revoked, 1));
    CHECK(roles_of({"usr_1", "usr_2", "key_1", "key_2"}) == (roles{{"usr_2", "courier"}, {"key_2", "admin,customer"}}));
  });
}
