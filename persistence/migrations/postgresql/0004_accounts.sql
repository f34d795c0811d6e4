-- What is known of people, apart from the event log, so that it can be forgotten and is read by nobody who follows it.
create table users (
  id text collate "C" primary key,
  -- In lower case.
  email text collate "C" not null unique,
  name text not null,
  -- Argon2id with its salt and cost, as crypto_pwhash_str writes it.
  password_hash text not null,
  -- Words with commas.
  roles text not null,
  disabled boolean not null,
  created_at bigint not null
);

-- The keys of machines.
create table service_keys (
  id text collate "C" primary key,
  name text not null,
  -- SHA-256 of the token, which nobody has but the machine.
  token_hash text collate "C" not null unique,
  roles text not null,
  created_by text not null,
  created_at bigint not null,
  expires_at bigint,
  revoked_at bigint
);

-- The keys that sign access tokens, when none are configured: all gateways share them.
create table signing_keys (
  kid text collate "C" primary key,
  algorithm text not null,
  -- PKCS #8 in PEM; of HS256 the secret in base64url.
  secret text not null,
  created_at bigint not null,
  -- Before, it is known to verify but does not sign: every gateway must have seen it first.
  signs_from bigint not null
);
