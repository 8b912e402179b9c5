"""A stateful simulator of Stripe's receivables API; it stands alone and imports nothing of the product."""
