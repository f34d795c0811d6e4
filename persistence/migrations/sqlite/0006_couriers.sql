-- Real couriers, to be found by who has time. The rest of what is known of them is in their entities.
create table couriers (
  id text primary key,
  online integer not null,
  removed integer not null,
  capacity integer not null,
  -- How many deliveries they have.
  active integer not null,
  changed_at integer not null
) without rowid;
create index couriers_online on couriers (id) where online;

-- Deliveries, when they are listed: with real couriers, at the pace of people.
create table deliveries (
  id text primary key,
  -- Who is asked or has it; empty while nobody is.
  courier_id text not null,
  status text not null,
  created_at integer not null
) without rowid;
create index deliveries_created on deliveries (created_at, id);
create index deliveries_status on deliveries (status, created_at, id);
create index deliveries_courier on deliveries (courier_id, status, created_at, id);
