"""What an agent may propose on Stripe: one module per action, listed in ``stripe.catalog``."""
