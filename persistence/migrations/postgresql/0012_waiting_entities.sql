-- What is unfinished is found by the time at which it is due, whatever waits besides, and whatever the history.
-- `due_at` of an unfinished entity: 0 in the middle of a step, otherwise until when it only waits. It stays 0 while an
-- entity moves, so that those changes touch no index. What is stored so far is looked at once.
update entities set due_at = 0 where unfinished;
-- It waits for its turn, behind those that are due earlier.
alter table entities add column in_line boolean not null default false;
drop index entities_unfinished;
create index entities_due on entities (kind, due_at, id) where unfinished;
create index entities_in_line on entities (kind, due_at, id) where in_line;
