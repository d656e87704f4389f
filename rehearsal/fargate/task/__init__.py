"""One task as containers: images, options, order, health."""
