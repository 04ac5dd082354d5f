-- phase: expand
-- Locks plinth.lease, plinth.subscription and plinth.dead for the instant of each change.

-- Which broker's queue of this part is whole; null: what is to be handled stands in plinth.delivery.
-- Written under the relay's lock.
alter table plinth.lease add column bound text;
-- Where the reading of a broker's log goes on.
alter table plinth.lease add column cursor text;

-- What was visible when it began is not meant for it; null: all that is retained.
alter table plinth.subscription add column since pg_snapshot;
update plinth.subscription set since = (select prev from plinth.relay);

alter table plinth.dead drop constraint dead_reason_check;
alter table plinth.dead add constraint dead_reason_check check (
  reason in ('failed', 'permanent', 'bad-body', 'lane-full', 'beyond-inbox-window'));
