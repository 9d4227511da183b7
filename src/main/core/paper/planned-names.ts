import { type Experiment, type ExperimentMember } from '../../../shared/experiments';
import { type Reading } from './variants';

/** How the paper is read in a planned member, as routes tell it. */
export function plannedVariant(reading: Reading | null): ExperimentMember['variant'] {
  if (reading === null) return null;
  const { choice, question, text, setting } = reading;
  return { choice, question, reading: text, setting };
}

/** @param datasets their names */
export function experimentName(
  {
    kind,
    preset,
    seed,
  }: {
    readonly kind: Experiment['kind'];
    readonly preset: 'quick' | 'paper';
    readonly seed: number;
  },
  datasets: readonly string[],
): string {
  const what = kind === 'reproduction' ? 'The paper on' : 'Readings of the paper on';
  return [
    `${what} ${datasets.join(', ')}`,
    preset === 'quick' ? 'quick' : null,
    seed === 0 ? null : `seed ${seed}`,
  ]
    .filter((part) => part !== null)
    .join(', ');
}
