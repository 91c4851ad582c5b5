"""Search results as CSV, GeoJSON, KML, and as a folder of images."""
