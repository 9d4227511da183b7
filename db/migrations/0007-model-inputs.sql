-- What a model makes of images before its first layer, and what its outputs stand for, as the file of its
-- weights says it. Of models from before, the input is known to their weights alone; none had a crop, and
-- their classes are the dataset's, in order.
ALTER TABLE models ADD COLUMN input TEXT; -- JSON, parsed whole: mean, std, crop; null: not kept
ALTER TABLE models ADD COLUMN outputs INTEGER CHECK (outputs > 0); -- null: the dataset's classes, in order

-- Names of a model's outputs; none where nobody named them.
CREATE TABLE model_outputs (
  model TEXT NOT NULL REFERENCES models (id) ON DELETE CASCADE,
  output INTEGER NOT NULL CHECK (output >= 0),
  name TEXT NOT NULL,
  PRIMARY KEY (model, output)
) STRICT, WITHOUT ROWID;

-- Which output is of which class of the dataset; none where they are other classes.
CREATE TABLE model_labels (
  model TEXT NOT NULL REFERENCES models (id) ON DELETE CASCADE,
  label INTEGER NOT NULL CHECK (label >= 0),
  output INTEGER NOT NULL CHECK (output >= 0),
  PRIMARY KEY (model, label),
  UNIQUE (model, output)
) STRICT, WITHOUT ROWID;
