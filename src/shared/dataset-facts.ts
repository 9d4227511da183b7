import { type DatasetFacts } from './catalogue/datasets';
import { type DatasetRecord } from './records';

/** A dataset as settings are made for it: what is installed of it, else the whole of it. */
export function factsOf(record: DatasetRecord): DatasetFacts {
  const { id, name, shape, classes, train, validation, state, known } = record;
  if (state !== 'installed' && known) return known;
  const suggestion = known?.suggestion ?? null;
  return { id, name, shape, classes: classes.length, train, validation, suggestion };
}
