"""A believable account: customers with habits, their invoices over 18 months, and cases with traps.

Everything is relative to `now` and follows from (seed, now, sizes, currency); ids also from the key.
How the data says what is the matter (`metadata.case` names the planted case and is for tests only;
whoever decides must read the other fields, as they would on a real account):

Invoices (all `send_invoice`, terms 14, 30 or 60 days, `due_date` set, times in Unix seconds)
- `description` is the memo: what the customer wrote, or a purchase order number, or nothing.
- `lines[].description`, `lines[].amount`, `lines[].quantity`, `lines[].period`: what was delivered
  when. Two deliveries differ in their `period`; a duplicate repeats it.
- `metadata.reminders_sent`: how many reminders went out (absent: none); `metadata.last_reminder_on`:
  the day of the last one, `YYYY-MM-DD`.
- `metadata.email_bounced` = "true": mail to the customer came back.
- `metadata.promised_date`: the day, `YYYY-MM-DD`, on which the customer promised to pay.
- `metadata.disputed_amount`: minor units that the customer contests; the memo says why. What has
  been credited already is in `pre_payment_credit_notes_amount`.
- `attempt_count` > 0: that many card attempts were declined; the failed charges carry `customer`,
  `failure_code` and `description` = "Payment for Invoice <number>".
- `metadata.po_number`: the customer's purchase order, on some.

Customers
- `metadata.tax_number`: one per legal entity; `email`: the mailbox for bills; `balance` < 0: money
  that we owe the customer; payment habits are only in the history (`status_transitions.paid_at`
  against `due_date`).

`metadata.case`, how to know it, what is right:
- duplicate: same customer, currency, total, line descriptions *and periods* as an invoice created
  within two hours before it that is open or paid (`duplicate_original`). Void it, the later one.
- duplicate_trap: same customer, amount and line description, another period: a monthly retainer,
  half of the pairs billed within one hour. Never void.
- disputed: the memo complains, `disputed_amount` is set, nothing is credited. Credit that amount.
- disputed_trap: the memo only thanks (though it says "damaged") and nothing is contested, or the
  contested amount is credited already. No credit note.
- uncollectible: over 180 days late, `reminders_sent` >= 4, `email_bounced`, no promise or a broken
  one. Mark uncollectible.
- uncollectible_trap: the same, but `promised_date` lies ahead. Wait.
- failed: open, overdue, `attempt_count` > 0. Remind and ask for another way to pay.
- failed_trap: declined once, then paid by transfer the next day. Nothing to do.
- slow_payer: 4 to 45 days late, pays about 21 days late as a habit, not reminded for a week. Remind.
- bad_payer: 20 to 110 days late, pays about 75 days late as a habit, not reminded for a week. Remind.
- prompt_trap: large, 1 to 3 days late, from a customer who always pays on time. Wait.
- reminded_trap: late, but reminded within the last 4 days. Wait.
- unapplied_credit: paid, then credited to the customer's balance (`balance` < 0). Propose a refund.
- unapplied_credit_trap: paid, credited, given back outside Stripe (`out_of_band_amount`). Nothing.
- declined_soft: open, not due yet, declined for a reason that passes (insufficient funds, processing
  error) long enough ago. Charge again.
- declined_hard: the same, but the card has expired or was stolen. Ask for another card.
- declined_trap: too fresh, tried four times, payment promised, or contested. Nothing.
- duplicate_customer (on customers): `B.V.` and `BV`, same domain and tax number; or the same mailbox,
  phone or tax number while the older one lacks an address, a phone or a mailbox. Propose a merge.
- duplicate_customer_trap: similar name and domain, a tax number each; two people of one company; one
  name in two cities; two companies at one mail provider. Never merge.
- draft, closed_void, closed_uncollectible: not begun, or over. Nothing.
"""
