-- Which log this is (docs/adr/0017): when it began, in milliseconds since 1970, if it took the place of another one
-- (zero: it did not). `server` is PostgreSQL's.
alter table event_horizon add column generation integer not null default 0;
alter table event_horizon add column server text not null default '';
