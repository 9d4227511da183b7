import { type MapParameters } from '../../../shared/catalogue/parameters';
import { refuse, StudioError } from '../../../shared/errors';
import { knowsLabels, type ModelClasses, noLabels } from '../../../shared/model-classes';

/**
 * Refuses, naming the field, a target that is none of a model's classes, and the label where the model
 * tells other classes apart.
 *
 * @param count how many classes its dataset has
 */
export function requireTarget(
  field: string,
  target: MapParameters['target'],
  { name, classes }: { readonly name: string; readonly classes: ModelClasses | null },
  count: number,
): void {
  const last = (classes?.count ?? count) - 1;
  const known = knowsLabels(classes);
  if (target === 'label' && !known) {
    const accepted = `predicted, or a class from 0 to ${last}`;
    throw new StudioError({
      code: 'invalid-input',
      message: noLabels(name),
      field,
      value: target,
      accepted,
    });
  }
  if (typeof target !== 'number' || target <= last) return;
  throw refuse(field, target, `${known ? 'label, ' : ''}predicted, or a class from 0 to ${last}`);
}
