-- Which log this is (docs/adr/0017): when it began, in milliseconds since 1970, if it took the place of another one
-- (zero: it did not), and on which server it lies (system identifier and timeline; empty: not known yet).
alter table event_horizon
  add column generation bigint not null default 0,
  add column server text not null default '';
