-- Maps of methods that were made elsewhere. The method itself is a row of `methods`, its composition the
-- hash of its maps.
CREATE TABLE imported_methods (
  method TEXT PRIMARY KEY REFERENCES methods (id) ON DELETE CASCADE,
  dataset TEXT NOT NULL,
  model TEXT, -- that they are of; null: any of the dataset
  citation TEXT NOT NULL,
  file TEXT NOT NULL, -- its name
  dataset_files TEXT NOT NULL -- JSON, parsed whole: the dataset's content by the sha256 of each file
) STRICT;

-- Which images of a split they cover.
CREATE TABLE imported_images (
  method TEXT NOT NULL REFERENCES imported_methods (method) ON DELETE CASCADE,
  split TEXT NOT NULL CHECK (split IN ('train', 'validation')),
  images TEXT NOT NULL, -- JSON, parsed whole: ranges of indices, ascending, [[first, last], …]
  block INTEGER NOT NULL CHECK (block > 0), -- maps in each file but the last
  PRIMARY KEY (method, split)
) STRICT, WITHOUT ROWID;

-- Their files, in the order of the images.
CREATE TABLE imported_maps (
  method TEXT NOT NULL REFERENCES imported_methods (method) ON DELETE CASCADE,
  split TEXT NOT NULL CHECK (split IN ('train', 'validation')),
  block INTEGER NOT NULL CHECK (block >= 0),
  artifact TEXT NOT NULL REFERENCES artifacts (key),
  PRIMARY KEY (method, split, block)
) STRICT, WITHOUT ROWID;

CREATE INDEX imported_maps_by_artifact ON imported_maps (artifact);

-- Files are looked for by their hash: weights that training starts from, and what workers have already.
CREATE INDEX artifacts_by_sha256 ON artifacts (sha256);
