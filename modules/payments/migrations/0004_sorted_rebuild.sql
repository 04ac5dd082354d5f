-- phase: expand
-- Sorted by their keys: a range of days lies together.
create or replace function payments.rebuild_receipt() returns void language plpgsql as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('plinth.rollup payments.receipt', 0));
  delete from payments.received_by_day_rollup;
  with gone as (delete from payments.receipt_delta),
  d as (select r.tenant_id, r.currency, r.received_on,
      (r.amount_minor - r.refunded_minor) as received_minor,
      (r.unallocated_minor) as unallocated_minor,
      (case when true then 1 else 0 end) as payments,
      (case when r.unallocated_minor > 0 then 1 else 0 end) as open_payments
    from payments.payment r where true)

  insert into payments.received_by_day_rollup as x (tenant_id, received_on, currency, received_minor, unallocated_minor, payments, open_payments)
      select tenant_id, received_on, currency, sum(received_minor), sum(unallocated_minor), sum(payments), sum(open_payments)
      from d group by 1, 2, 3 having sum(received_minor) <> 0 or sum(unallocated_minor) <> 0 or sum(payments) <> 0 or sum(open_payments) <> 0
      order by 1, 2, 3
      on conflict (tenant_id, received_on, currency) do update set received_minor = x.received_minor + excluded.received_minor, unallocated_minor = x.unallocated_minor + excluded.unallocated_minor, payments = x.payments + excluded.payments, open_payments = x.open_payments + excluded.open_payments;
end $$;
