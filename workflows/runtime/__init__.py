"""What every workflow and activity runs in: payloads, encryption, tenant checks, failures, policies."""
