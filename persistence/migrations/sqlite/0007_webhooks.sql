-- What the events of webhook endpoints leave out. Secrets are nowhere else.
create table webhook_endpoints (
  id text primary key,
  enabled integer not null,
  secret text not null,
  -- The one before it, good until previous_until; empty when there is none.
  previous_secret text not null,
  previous_until integer,
  -- Positions of the log as clients see them, which sort as texts. Everything up to log_cursor that the endpoint wants is
  -- among its deliveries.
  log_cursor text not null,
  -- The log is still needed behind here: what keeps old events away must leave those of enabled endpoints alone
  -- (select min(needed_after) from webhook_endpoints where enabled).
  needed_after text not null,
  replayed_to text not null,
  backlog integer not null,
  last_success_at integer,
  last_failure_at integer,
  last_error text not null
) without rowid;

-- The messages to each endpoint, one for each event.
create table webhook_deliveries (
  endpoint_id text not null,
  log_position text not null,
  message_id text not null,
  stream text not null,
  version integer not null,
  type text not null,
  status text not null,
  attempts integer not null,
  -- Zero without an answer.
  last_status integer not null,
  last_error text not null,
  last_duration_ms integer not null,
  next_attempt_at integer,
  created_at integer not null,
  changed_at integer not null,
  primary key (endpoint_id, log_position)
) without rowid;
create index webhook_deliveries_message on webhook_deliveries (endpoint_id, message_id);
create index webhook_deliveries_status on webhook_deliveries (endpoint_id, status, log_position);
create index webhook_deliveries_ended on webhook_deliveries (endpoint_id, changed_at) where status <> 'pending';
