-- A row is an append now, not an event (docs/adr/0026): its first event in the columns that there were, those that
-- follow it in `further`. A row of before is an append of one event: nothing is written anew, whatever the history. The
-- events of a row have consecutive positions behind that of the first.
alter table events rename to appends;
alter table appends add column event_count integer not null default 1;
alter table appends add column further text not null default '';

-- One row for each event.
create view events as
select position, stream, version, type, schema, at, order_id, customer_id, meta, data
from appends
union all
select a.position + f.key + 1, a.stream, a.version + f.key + 1, json_extract(f.value, '$.type'),
  json_extract(f.value, '$.schema'), a.at + coalesce(json_extract(f.value, '$.later'), 0),
  coalesce(json_extract(f.value, '$.order'), a.order_id), coalesce(json_extract(f.value, '$.customer'), a.customer_id),
  coalesce(json_extract(f.value, '$.meta'), a.meta), json_extract(f.value, '$.data')
from appends a, json_each(a.further) f
where a.event_count > 1;
