-- Real couriers, to be found by who has time. The rest of what is known of them is in their entities.
create table couriers (
  id text collate "C" primary key,
  online boolean not null,
  removed boolean not null,
  capacity bigint not null,
  -- How many deliveries they have.
  active bigint not null,
  changed_at bigint not null
) with (fillfactor = 80);
create index couriers_online on couriers (id) where online;

-- Deliveries, when they are listed: with real couriers, at the pace of people.
create table deliveries (
  id text collate "C" primary key,
  -- Who is asked or has it; empty while nobody is.
  courier_id text collate "C" not null,
  status text collate "C" not null,
  created_at bigint not null
) with (fillfactor = 80);
create index deliveries_created on deliveries (created_at, id);
create index deliveries_status on deliveries (status, created_at, id);
create index deliveries_courier on deliveries (courier_id, status, created_at, id);
