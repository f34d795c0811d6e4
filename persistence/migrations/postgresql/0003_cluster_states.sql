-- What a node is about to do, and whom it cannot reach: all nodes place entities by this table alone.
alter table cluster_nodes
  -- joining, up (owns entities), leaving
  add column state text not null default 'up',
  -- The names of the nodes that this one cannot reach, one a line.
  add column suspects text not null default '',
  -- Nodes of different protocols cannot talk to each other.
  add column protocol integer not null default 1;
