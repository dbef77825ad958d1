"""The web server's middlewares, and under which names it is reached."""
