-- How far the log was removed, in one row: all events up to position `seq` are gone. `removed` counts them, `at` is the
-- newest time that one of them bore. A range that is being removed is written down before its archive is written, so
-- that whoever goes on after a crash archives the very same events. Zero: there is none.
create table event_horizon (
  only_row integer primary key default 1 check (only_row = 1),
  txid integer not null default 0,
  seq integer not null default 0,
  at integer not null default 0,
  removed integer not null default 0,
  begin_txid integer not null default 0,
  begin_seq integer not null default 0,
  end_txid integer not null default 0,
  end_seq integer not null default 0
);
insert into event_horizon (only_row) values (1);
