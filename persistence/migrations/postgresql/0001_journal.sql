-- The event log. Texts that are keys compare as bytes: quicker, and the same order as everywhere else in the system.
create table events (
  stream text collate "C" not null,
  version bigint not null,
  type text collate "C" not null,
  schema smallint not null,
  at bigint not null,
  order_id text collate "C" not null,
  customer_id text collate "C" not null,
  meta text not null,
  data text not null,
  txid xid8 not null default pg_current_xact_id(),
  seq bigint not null generated always as identity,
  primary key (stream, version)
);
create index events_log on events (txid, seq);

-- The newest state of every entity. Room in each page keeps the updates within it, without touching an index.
create table entities (
  id text collate "C" primary key,
  kind smallint not null,
  shard smallint not null,
  version bigint not null,
  schema smallint not null,
  state text not null,
  unfinished boolean not null,
  due_at bigint
) with (fillfactor = 70);
create index entities_unfinished on entities (kind, shard, id) where unfinished;

create table orders (
  id text collate "C" primary key,
  customer_id text collate "C" not null,
  status text collate "C" not null,
  created_at bigint not null
) with (fillfactor = 80);
create index orders_customer on orders (customer_id, created_at, id);
create index orders_status on orders (status, created_at, id);
create index orders_created on orders (created_at, id);

create table products (
  id text collate "C" primary key,
  sku text collate "C" not null unique,
  name text collate "C" not null,
  withdrawn boolean not null
);

create table reservations (
  product_id text collate "C" not null,
  order_id text collate "C" not null,
  status smallint not null,
  quantity bigint not null,
  available bigint not null,
  expires_at bigint not null,
  reserve_by bigint not null,
  primary key (product_id, order_id)
) with (fillfactor = 70);

create table notifications (
  customer_id text collate "C" not null,
  id text collate "C" not null,
  order_id text not null,
  kind text not null,
  text text not null,
  created_at bigint not null,
  read_at bigint,
  primary key (customer_id, id)
);
