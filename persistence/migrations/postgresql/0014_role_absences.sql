-- When each role was last seen to work, and when it could not: a deadline does not count that. A database of an older
-- version knows only when its last order was placed.
create table role_presence (
  role text collate "C" primary key,
  seen_at bigint not null
);
create table role_absences (
  role text collate "C" not null,
  since bigint not null,
  until bigint not null,
  primary key (role, since)
);
create index role_absences_until on role_absences (until);
insert into role_presence (role, seen_at)
  select role, coalesce((select max(created_at) from orders), (extract(epoch from clock_timestamp()) * 1000000)::bigint)
  from (select 'gateway' as role union all select 'order' union all select 'payment' union all select 'inventory'
        union all select 'delivery' union all select 'notification' union all select 'account') roles;
