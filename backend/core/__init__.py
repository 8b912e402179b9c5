"""What every storey above may use and that knows no domain: settings, errors, ids, money, time, secrets, database."""
