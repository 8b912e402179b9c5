"""The product's server side: domain, connectors, REST API and the embedded services of a laptop."""
