"""The wire: msgspec Structs of requests and responses, one module per controller. A leaf: imports nothing of ours."""
