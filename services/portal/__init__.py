"""What people see: pages made of what the services answer to the person who asks. It publishes nothing, and so has no
number among the services."""
