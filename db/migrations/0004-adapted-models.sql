-- What of an imported file of weights was not as the studio writes it, said to a person.
CREATE TABLE model_adaptations (
  model TEXT NOT NULL REFERENCES models (id) ON DELETE CASCADE,
  position INTEGER NOT NULL CHECK (position >= 0),
  sentence TEXT NOT NULL,
  PRIMARY KEY (model, position)
) STRICT, WITHOUT ROWID;
