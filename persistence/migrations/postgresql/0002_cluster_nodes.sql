-- Who is part of the cluster. A node lives while its lease holds, by this server's clock.
create table cluster_nodes (
  node text primary key,
  -- Grows each time that a process takes the name.
  incarnation bigint not null,
  -- Where other nodes connect to.
  address text not null,
  -- Where its gateway listens; empty without one.
  http text not null,
  -- The words of the roles, with commas.
  roles text not null,
  lease_until timestamptz not null
);
