-- phase: expand
-- transaction: off
-- Who owes most in a currency, without adding up what everybody owes.
create index concurrently owed_by_customer_most on invoicing.owed_by_customer_rollup
  (tenant_id, currency, owed_minor desc, customer_id) where owed_invoices > 0;
