#pragma once

#include "domain/base/time.hpp"

#include <boost/describe/class.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// What is stored of users and of the keys of machines, and the queries for it.
namespace waybill {

/// What the events of a user leave out; `email` is unique among all users.
struct user_row {
  std::string id;
  std::string email;
  std::string name;
  std::string password_hash;
  /// Words with commas between them.
  std::string roles;
  bool disabled = false;
  timestamp created_at;
};
BOOST_DESCRIBE_STRUCT(user_row, (), (id, email, name, password_hash, roles, disabled, created_at))

/// By the address in the form in which it is stored.
struct find_user {
  std::string email;
};
BOOST_DESCRIBE_STRUCT(find_user, (), (email))

/// Sorted by id; `role` empty means any. Without password hashes.
struct list_users {
  std::string email;
  std::string role;
  std::string cursor_id;
  std::uint32_t limit = 50;
};
BOOST_DESCRIBE_STRUCT(list_users, (), (email, role, cursor_id, limit))

struct user_page {
  std::vector<user_row> users;
  bool more = false;
};
BOOST_DESCRIBE_STRUCT(user_page, (), (users, more))

/// A machine's key, known by the hash of its secret.
struct service_key_row {
  std::string id;
  std::string name;
  /// Hexadecimal SHA-256 of the token.
  std::string token_hash;
  /// Words with commas between them.
  std::string roles;
  std::string created_by;
  timestamp created_at;
  std::optional<timestamp> expires_at;
  std::optional<timestamp> revoked_at;
};
BOOST_DESCRIBE_STRUCT(service_key_row, (),
                      (id, name, token_hash, roles, created_by, created_at, expires_at, revoked_at))

/// By its hash, or by its id when the hash is empty.
struct find_service_key {
  std::string token_hash;
  std::string id;
};
BOOST_DESCRIBE_STRUCT(find_service_key, (), (token_hash, id))

struct found_service_key {
  std::optional<service_key_row> key;
};
BOOST_DESCRIBE_STRUCT(found_service_key, (), (key))

/// Which of these callers still exist, and what they may do: ids of users and of service keys.
struct find_callers {
  std::vector<std::string> ids;
};
BOOST_DESCRIBE_STRUCT(find_callers, (), (ids))

/// A user who is not disabled, or a key that is not revoked; when a key ends by itself is known from its row.
struct caller_roles {
  std::string id;
  /// Words with commas between them.
  std::string roles;
};
BOOST_DESCRIBE_STRUCT(caller_roles, (), (id, roles))

/// In no order. Who is not in it has no rights any more.
struct found_callers {
  std::vector<caller_roles> callers;
};
BOOST_DESCRIBE_STRUCT(found_callers, (), (callers))

/// Sorted by id, those that are revoked as well.
struct list_service_keys {
  std::string cursor_id;
  std::uint32_t limit = 50;
};
BOOST_DESCRIBE_STRUCT(list_service_keys, (), (cursor_id, limit))

struct service_key_page {
  std::vector<service_key_row> keys;
  bool more = false;
};
BOOST_DESCRIBE_STRUCT(service_key_page, (), (keys, more))

} // namespace waybill
