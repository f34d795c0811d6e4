-- A row is an append now, not an event (docs/adr/0026): its first event in the columns that there were, those that
-- follow it in `further`. A row of before is an append of one event: nothing is written anew, whatever the history.
alter table events rename to appends;
alter index events_pkey rename to appends_pkey;
alter index events_log rename to appends_log;
alter table appends
  add column event_count smallint not null default 1,
  add column further text not null default '',
  -- Long rows are not compressed: that costs more than it saves.
  alter column further set storage external,
  -- The events of a row have consecutive places behind that of the first.
  alter column seq set increment by 64;

-- One row for each event.
create view events as
select stream, version, type, schema, at, order_id, customer_id, meta, data, txid, seq
from appends
union all
select a.stream, a.version + f.place, f.event ->> 'type', (f.event ->> 'schema')::smallint,
  a.at + coalesce((f.event ->> 'later')::bigint, 0), coalesce(f.event ->> 'order', a.order_id),
  coalesce(f.event ->> 'customer', a.customer_id), coalesce(f.event ->> 'meta', a.meta), f.event ->> 'data', a.txid,
  a.seq + f.place
from appends a, json_array_elements(a.further::json) with ordinality as f (event, place)
where a.event_count > 1;
