"""The plugin's texts and their translations: what the code says, and what the files in languages/ say."""
