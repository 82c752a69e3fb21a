"""What we do not know about the rules: experiments over draws of a posterior."""
