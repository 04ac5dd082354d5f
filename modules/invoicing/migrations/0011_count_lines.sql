-- phase: expand
-- allow: n-beside the policy is for plinth_owner alone, which serves nobody
-- Who counts the sums by tax rate anew reads the lines of all tenants.
create policy rebuild_tax on invoicing.line for select to plinth_owner using (true);
