-- phase: expand
-- The two parts of turnover_by_customer: the first has an order by amount within a month, the second is small.
create view invoicing_api.turnover_by_customer_folded with (security_invoker = true) as
  select tenant_id, currency, month, customer_id, net_minor, invoices, credit_notes
  from invoicing.turnover_by_customer_rollup;
create view invoicing_api.turnover_by_customer_since with (security_invoker = true) as
  select tenant_id, currency, date_trunc('month', issue_date::timestamp)::date as month, customer_id,
    net_minor, invoices, credit_notes
  from invoicing.document_delta;
grant select on invoicing_api.turnover_by_customer_folded, invoicing_api.turnover_by_customer_since to plinth_app;
