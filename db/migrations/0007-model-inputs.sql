-- What a model makes of images before its first layer, and what its outputs stand for, as the file of its
-- weights says it. Of models from before, the input is known to their weights alone; none had a crop, and
-- their classes are the dataset's, in order.
CREATE TABLE model_inputs (
  model TEXT PRIMARY KEY REFERENCES models (id) ON DELETE CASCADE,
  input TEXT NOT NULL -- JSON, parsed whole: mean, std, crop
) STRICT, WITHOUT ROWID;

-- Models whose outputs are not the dataset's classes, in order.
CREATE TABLE model_classes (
  model TEXT PRIMARY KEY REFERENCES models (id) ON DELETE CASCADE,
  outputs INTEGER NOT NULL CHECK (outputs > 0) -- how many
) STRICT, WITHOUT ROWID;

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
