"""What things cost, beside `openai-chatkit` and a bare ASGI app: `make bench`."""
