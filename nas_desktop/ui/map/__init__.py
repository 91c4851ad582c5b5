"""The map: one page of folium in Chromium, or a plain one of Qt's own, over the same scene."""
