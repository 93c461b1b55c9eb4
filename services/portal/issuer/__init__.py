"""The OpenID Connect issuer, as its client sees it."""
