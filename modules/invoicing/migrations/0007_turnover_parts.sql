-- phase: expand
-- What is folded and what is not yet, without adding them up: for readers who add up further.
create view invoicing_api.turnover_by_customer_parts with (security_invoker = true) as
  select tenant_id, currency, month, customer_id, net_minor, invoices, credit_notes from invoicing.turnover_by_customer_rollup
  union all
  select tenant_id, currency, date_trunc('month', issue_date::timestamp)::date, customer_id, net_minor, invoices, credit_notes
  from invoicing.document_delta;
grant select on invoicing_api.turnover_by_customer_parts to plinth_app;

-- Sorted by their keys: a range of months lies together.
create or replace function invoicing.rebuild_document() returns void language plpgsql as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('plinth.rollup invoicing.document', 0));
  delete from invoicing.turnover_by_day_rollup;
  delete from invoicing.turnover_by_customer_rollup;
  delete from invoicing.owed_by_due_date_rollup;
  delete from invoicing.owed_by_issue_date_rollup;
  delete from invoicing.owed_by_customer_rollup;
  with gone as (delete from invoicing.document_delta),
  d as (select r.tenant_id, r.currency, r.customer_id, r.issue_date, r.due_date,
      (r.net_minor) as net_minor,
      (r.tax_minor) as tax_minor,
      (r.gross_minor) as gross_minor,
      (case when r.status in ('issued', 'partly-paid') and r.open_minor > 0 then r.open_minor else 0 end) as owed_minor,
      (case when r.open_minor < 0 then -r.open_minor else 0 end) as credit_minor,
      (case when r.kind = 'invoice' then 1 else 0 end) as invoices,
      (case when r.kind = 'credit-note' then 1 else 0 end) as credit_notes,
      (case when r.status in ('issued', 'partly-paid') and r.open_minor > 0 then 1 else 0 end) as owed_invoices
    from invoicing.invoice r where r.status <> 'draft'),
  turnover_by_day as (
      insert into invoicing.turnover_by_day_rollup as x (tenant_id, issue_date, currency, net_minor, tax_minor, gross_minor, invoices, credit_notes)
      select tenant_id, issue_date, currency, sum(net_minor), sum(tax_minor), sum(gross_minor), sum(invoices), sum(credit_notes)
      from d group by 1, 2, 3 having sum(net_minor) <> 0 or sum(tax_minor) <> 0 or sum(gross_minor) <> 0 or sum(invoices) <> 0 or sum(credit_notes) <> 0
      order by 1, 2, 3
      on conflict (tenant_id, issue_date, currency) do update set net_minor = x.net_minor + excluded.net_minor, tax_minor = x.tax_minor + excluded.tax_minor, gross_minor = x.gross_minor + excluded.gross_minor, invoices = x.invoices + excluded.invoices, credit_notes = x.credit_notes + excluded.credit_notes),
  turnover_by_customer as (
      insert into invoicing.turnover_by_customer_rollup as x (tenant_id, currency, month, customer_id, net_minor, invoices, credit_notes)
      select tenant_id, currency, date_trunc('month', issue_date::timestamp)::date, customer_id, sum(net_minor), sum(invoices), sum(credit_notes)
      from d group by 1, 2, 3, 4 having sum(net_minor) <> 0 or sum(invoices) <> 0 or sum(credit_notes) <> 0
      order by 1, 2, 3, 4
      on conflict (tenant_id, currency, month, customer_id) do update set net_minor = x.net_minor + excluded.net_minor, invoices = x.invoices + excluded.invoices, credit_notes = x.credit_notes + excluded.credit_notes),
  owed_by_due_date as (
      insert into invoicing.owed_by_due_date_rollup as x (tenant_id, due_date, currency, owed_minor, owed_invoices, credit_minor)
      select tenant_id, due_date, currency, sum(owed_minor), sum(owed_invoices), sum(credit_minor)
      from d group by 1, 2, 3 having sum(owed_minor) <> 0 or sum(owed_invoices) <> 0 or sum(credit_minor) <> 0
      order by 1, 2, 3
      on conflict (tenant_id, due_date, currency) do update set owed_minor = x.owed_minor + excluded.owed_minor, owed_invoices = x.owed_invoices + excluded.owed_invoices, credit_minor = x.credit_minor + excluded.credit_minor),
  owed_by_issue_date as (
      insert into invoicing.owed_by_issue_date_rollup as x (tenant_id, issue_date, currency, owed_minor, owed_invoices)
      select tenant_id, issue_date, currency, sum(owed_minor), sum(owed_invoices)
      from d group by 1, 2, 3 having sum(owed_minor) <> 0 or sum(owed_invoices) <> 0
      order by 1, 2, 3
      on conflict (tenant_id, issue_date, currency) do update set owed_minor = x.owed_minor + excluded.owed_minor, owed_invoices = x.owed_invoices + excluded.owed_invoices)
  insert into invoicing.owed_by_customer_rollup as x (tenant_id, currency, customer_id, owed_minor, owed_invoices)
      select tenant_id, currency, customer_id, sum(owed_minor), sum(owed_invoices)
      from d group by 1, 2, 3 having sum(owed_minor) <> 0 or sum(owed_invoices) <> 0
      order by 1, 2, 3
      on conflict (tenant_id, currency, customer_id) do update set owed_minor = x.owed_minor + excluded.owed_minor, owed_invoices = x.owed_invoices + excluded.owed_invoices;
end $$;
