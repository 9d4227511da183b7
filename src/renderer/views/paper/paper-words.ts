import { z } from 'zod';
import source from '../../../../resources/paper/claims.json';
import { type Experiment, type ExperimentMember } from '../../../shared/experiments';
import { type JobState } from '../../../shared/jobs';

const claimsSchema = z.object({
  claims: z.array(z.object({ id: z.string(), kind: z.string() })),
});
const claims = new Map(claimsSchema.parse(source).claims.map((claim) => [claim.id, claim]));

/** What the paper's claims are about. */
export const claimKinds = [
  { value: 'accuracy', label: 'Accuracy' },
  { value: 'roar', label: 'ROAR' },
  { value: 'ratings', label: 'Ratings' },
  { value: 'both', label: 'ROAR and ratings' },
] as const;
export type ClaimKind = (typeof claimKinds)[number]['value'];

export function claimKind(id: string): ClaimKind | null {
  const kind = claims.get(id)?.kind;
  return claimKinds.find(({ value }) => value === kind)?.value ?? null;
}

/** The state of an experiment, from its runs. */
export function experimentState({ members }: Experiment): JobState {
  const states = members.map(({ run }) => run.state);
  // Between two of its runs it is under way all the same.
  if (states.includes('queued') && states.includes('done')) return 'running';
  for (const state of [
    'running',
    'cancelling',
    'failed',
    'parked',
    'cancelled',
    'queued',
  ] as const) {
    if (states.includes(state)) return state;
  }
  return 'done';
}

/** A member in a few words: its dataset, or what it reads differently. */
export function memberName(
  { dataset, variant }: Pick<ExperimentMember, 'dataset' | 'variant'>,
  nameOf: (dataset: string) => string,
) {
  return variant ? variant.setting : nameOf(dataset);
}

export const experimentKindNames = {
  reproduction: 'Reproduction',
  sensitivity: 'Sensitivity analysis',
} as const satisfies Record<Experiment['kind'], string>;
