-- How many images the maps of a method cover, which lists of methods tell: the ranges themselves may be long.
ALTER TABLE imported_images ADD COLUMN count INTEGER NOT NULL DEFAULT 0;

UPDATE imported_images SET count = (
  SELECT coalesce(sum(json_extract(value, '$[1]') - json_extract(value, '$[0]') + 1), 0)
  FROM json_each(imported_images.images)
);
