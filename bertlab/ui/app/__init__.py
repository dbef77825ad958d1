"""The frame of every page: routing, navigation, style, sharing."""
