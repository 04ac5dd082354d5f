-- phase: expand
-- transaction: off
-- Who bought most in a month, without adding up what everybody bought.
create index concurrently turnover_by_customer_most on invoicing.turnover_by_customer_rollup
  (tenant_id, currency, month, net_minor desc, customer_id) where net_minor > 0;
