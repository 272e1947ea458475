"""Who somebody is: passwords, tokens, brakes against guessing, proxies and OpenID Connect."""
