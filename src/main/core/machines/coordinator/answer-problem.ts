import { type Split } from '../../../../shared/catalogue/datasets';
import { type ParameterValues } from '../../../../shared/catalogue/parameter';
import { type EngineOperation, type EngineOutput } from '../../../../shared/engine';
import { type WorkOrder } from '../../jobs/item-spec';
import { type Known } from './expected-files';

/** Seconds of the longest work that is believed: some months. */
export const longestWork = 1e7;

type Judge<K extends EngineOperation> = (
  answer: EngineOutput<K>,
  order: WorkOrder<K>,
  known: Known,
) => string | null;

/** By operation, what its numbers must be; the others answer with files alone. */
const judges: { readonly [K in EngineOperation]?: Judge<K> } = {
  evaluate: ({ accuracy, count }, { input: { split, choice } }, { dataset }) => {
    const whole = dataset[split as Split];
    const images = Math.min(choice?.count ?? whole, whole);
    return noShare('accuracy', accuracy) ?? another('count', count, images);
  },

  'train-epoch': ({ trainAccuracy, validationAccuracy, seconds }) =>
    noShare('trainAccuracy', trainAccuracy) ??
    noShare('validationAccuracy', validationAccuracy) ??
    noTime('seconds', seconds),

  maps: ({ gradients }, { input }, known) => another('gradients', gradients, passes(input, known)),

  'pixel-orders': ({ gradients }, { input }, known) =>
    another('gradients', gradients, passes(input, known)),
};

/**
 * What keeps an answer that its schema takes from being that of an order, as a clause; null: nothing.
 * The numbers of what is computed can be any; those that follow from the order cannot.
 */
export function answerProblem<K extends EngineOperation>(
  answer: EngineOutput<K>,
  order: WorkOrder<K>,
  known: Known,
): string | null {
  const judge = judges[order.operation] as Judge<K> | undefined;
  return judge?.(answer, order, known) ?? null;
}

/** What keeps a number from being a time that work took, as a clause; null: nothing. */
export const noTime = (name: string, value: number): string | null =>
  value >= 0 && value <= longestWork
    ? null
    : `its ${name} is ${value}, not between 0 and ${longestWork}`;

const noShare = (name: string, value: number): string | null =>
  value >= 0 && value <= 1 ? null : `its ${name} is ${value}, not between 0 and 1`;

const another = (name: string, value: number, expected: number): string | null =>
  value === expected ? null : `its ${name} is ${value}, not ${expected}`;

/** Backward passes of all images. */
function passes(
  { composition, parameters, indices }: WorkOrder<'maps' | 'pixel-orders'>['input'],
  { operators }: Known,
): number {
  const cost = operators.cost(
    operators.parse(composition as string),
    parameters as ParameterValues,
  );
  return Math.round(indices.length * cost);
}
