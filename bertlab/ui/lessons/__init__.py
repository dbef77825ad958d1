"""What each lesson is made of; a file or a folder is called as its page."""
