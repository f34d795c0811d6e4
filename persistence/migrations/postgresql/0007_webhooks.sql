-- What the events of webhook endpoints leave out. Secrets are nowhere else.
create table webhook_endpoints (
  id text collate "C" primary key,
  enabled boolean not null,
  secret text not null,
  -- The one before it, good until previous_until; empty when there is none.
  previous_secret text not null,
  previous_until bigint,
  -- Positions of the log as clients see them, which sort as texts. Everything up to log_cursor that the endpoint wants is
  -- among its deliveries.
  log_cursor text collate "C" not null,
  -- The log is still needed behind here: what keeps old events away must leave those of enabled endpoints alone
  -- (select min(needed_after) from webhook_endpoints where enabled).
  needed_after text collate "C" not null,
  replayed_to text collate "C" not null,
  backlog bigint not null,
  last_success_at bigint,
  last_failure_at bigint,
  last_error text not null
) with (fillfactor = 50);

-- The messages to each endpoint, one for each event.
create table webhook_deliveries (
  endpoint_id text collate "C" not null,
  log_position text collate "C" not null,
  message_id text collate "C" not null,
  stream text collate "C" not null,
  version bigint not null,
  type text collate "C" not null,
  status text collate "C" not null,
  attempts bigint not null,
  -- Zero without an answer.
  last_status bigint not null,
  last_error text not null,
  last_duration_ms bigint not null,
  next_attempt_at bigint,
  created_at bigint not null,
  changed_at bigint not null,
  primary key (endpoint_id, log_position)
) with (fillfactor = 70);
create index webhook_deliveries_message on webhook_deliveries (endpoint_id, message_id);
create index webhook_deliveries_status on webhook_deliveries (endpoint_id, status, log_position);
create index webhook_deliveries_ended on webhook_deliveries (endpoint_id, changed_at) where status <> 'pending';
