import { type MapParameters } from '../../../shared/catalogue/parameters';
import { refuse } from '../../../shared/errors';

/** Refuses, naming the field, a target that is none of a dataset's classes. */
export function requireTarget(
  field: string,
  target: MapParameters['target'],
  classes: number,
): void {
  if (typeof target !== 'number' || target < classes) return;
  throw refuse(field, target, `label, predicted, or a class from 0 to ${classes - 1}`);
}
