"""Whole rehearsals of sites that not everybody may ask: behind CloudFront, and closed to strangers."""
