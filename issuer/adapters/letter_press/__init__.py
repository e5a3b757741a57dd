"""The letter press: a layout, its words in four styles, and a typeface."""
