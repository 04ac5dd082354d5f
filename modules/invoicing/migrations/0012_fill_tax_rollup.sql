-- phase: expand
-- transaction: off
-- Counts what was there before the triggers, beside writers: what they write meanwhile is a delta.
-- allow: re-entrant it counts anew each time, and waits for no lock but that of a fold
select invoicing.rebuild_tax();
