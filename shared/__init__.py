"""What the services share: contracts they meet in, and a kit that carries no domain knowledge."""
