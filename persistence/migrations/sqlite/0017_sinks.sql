-- What the events of sinks leave out. Passwords are nowhere else.
create table sinks (
  id text primary key,
  -- Empty: none.
  password text not null,
  -- A position of the log as clients see it, which sorts as a text. Everything up to here that the sink wants is confirmed by
  -- its broker; what keeps old events away must leave those behind it alone.
  log_cursor text not null,
  last_success_at integer,
  last_failure_at integer,
  last_error text not null
) without rowid;
