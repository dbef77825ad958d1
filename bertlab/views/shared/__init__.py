"""What figures share: colours, layouts, heatmaps, tables."""
