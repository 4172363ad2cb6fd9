"""What is kept: versions, op ids and bytes, never their meaning."""
