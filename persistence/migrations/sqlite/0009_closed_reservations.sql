-- Closed reservations leave the table of the live ones, so that loading a product reads what is live and not what it
-- ever sold. The old table becomes that of the closed ones, which nearly all of its rows are; only live rows move. It
-- is read as often as there are statements here, and not written anew.
alter table reservations rename to closed_reservations;
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
insert into reservations (product_id, order_id, status, quantity, available, expires_at, reserve_by)
  select product_id, order_id, status, quantity, available, expires_at, reserve_by
  from closed_reservations where status = 0;
delete from closed_reservations where status = 0;

-- Closed ones that a late `reserve` may ask for are loaded too. Of a closed one `expires_at` is when it was closed: most
-- were closed long after anybody could ask, and need no entry. 600000000: ten minutes, in microseconds.
create index closed_reservations_recent on closed_reservations (product_id, reserve_by)
  where reserve_by > expires_at - 600000000;

-- Adjustments of the stock that were made under an idempotency key, and how they were answered.
create table stock_adjustments (
  product_id text not null,
  id text not null,
  delta integer not null,
  reason text not null,
  answer text not null,
  primary key (product_id, id)
) without rowid;
