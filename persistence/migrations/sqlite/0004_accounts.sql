-- What is known of people, apart from the event log, so that it can be forgotten and is read by nobody who follows it.
create table users (
  id text primary key,
  -- In lower case.
  email text not null unique,
  name text not null,
  -- Argon2id with its salt and cost, as crypto_pwhash_str writes it.
  password_hash text not null,
  -- Words with commas.
  roles text not null,
  disabled integer not null,
  created_at integer not null
) without rowid;

-- The keys of machines.
create table service_keys (
  id text primary key,
  name text not null,
  -- SHA-256 of the token, which nobody has but the machine.
  token_hash text not null unique,
  roles text not null,
  created_by text not null,
  created_at integer not null,
  expires_at integer,
  revoked_at integer
) without rowid;

-- The keys that sign access tokens, when none are configured: all gateways share them.
create table signing_keys (
  kid text primary key,
  algorithm text not null,
  -- PKCS #8 in PEM; of HS256 the secret in base64url.
  secret text not null,
  created_at integer not null,
  -- Before, it is known to verify but does not sign: every gateway must have seen it first.
  signs_from integer not null
) without rowid;
