"""What every service is built with: decisions, the commit log, the relay, consumers and HTTP. Knows no domain rule."""
