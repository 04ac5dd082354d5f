-- phase: expand
-- The two parts of owed_by_customer: the first has an order by amount, the second is small.
create view invoicing_api.owed_by_customer_folded with (security_invoker = true) as
  select tenant_id, currency, customer_id, owed_minor, owed_invoices from invoicing.owed_by_customer_rollup;
create view invoicing_api.owed_by_customer_since with (security_invoker = true) as
  select tenant_id, currency, customer_id,
    sum(owed_minor)::bigint as owed_minor, sum(owed_invoices)::bigint as owed_invoices
  from invoicing.document_delta
  group by tenant_id, currency, customer_id;
grant select on invoicing_api.owed_by_customer_folded, invoicing_api.owed_by_customer_since to plinth_app;
