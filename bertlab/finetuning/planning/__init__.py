"""Before a run starts: how long the texts are, how many steps, which rate, how much time."""
