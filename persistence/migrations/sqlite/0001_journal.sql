-- The event log. SQLite has one writer at a time, so positions grow in the order of the commits.
create table events (
  position integer primary key,
  stream text not null,
  version integer not null,
  type text not null,
  schema integer not null,
  at integer not null,
  order_id text not null,
  customer_id text not null,
  meta text not null,
  data text not null,
  unique (stream, version)
);

-- The newest state of every entity.
create table entities (
  id text primary key,
  kind integer not null,
  shard integer not null,
  version integer not null,
  schema integer not null,
  state text not null,
  unfinished integer not null,
  due_at integer
);
create index entities_unfinished on entities (kind, shard, id) where unfinished;

create table orders (
  id text primary key,
  customer_id text not null,
  status text not null,
  created_at integer not null
) without rowid;
create index orders_customer on orders (customer_id, created_at, id);
create index orders_status on orders (status, created_at, id);
create index orders_created on orders (created_at, id);

create table products (
  id text primary key,
  sku text not null unique,
  name text not null,
  withdrawn integer not null
) without rowid;

create table reservations (
  product_id text not null,
  order_id text not null,
  status integer not null,
  quantity integer not null,
  available integer not null,
  expires_at integer not null,
  reserve_by integer not null,
  primary key (product_id, order_id)
) without rowid;

create table notifications (
  customer_id text not null,
  id text not null,
  order_id text not null,
  kind text not null,
  text text not null,
  created_at integer not null,
  read_at integer,
  primary key (customer_id, id)
) without rowid;
