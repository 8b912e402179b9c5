"""Outside systems for the demo and the tests: separate programs that the product never imports."""
