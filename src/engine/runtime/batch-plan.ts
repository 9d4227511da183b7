import { type Architecture, architectures } from '../../shared/catalogue/datasets';
import { refuse } from '../../shared/errors';

/** What a batch is for: training steps, input gradients, or scores. */
export const jobKinds = ['train', 'gradient', 'forward'] as const;
export type JobKind = (typeof jobKinds)[number];

type Plan = Record<Architecture, Record<JobKind, number>>;

const standard: Plan = {
  'mnist-cnn': { train: 128, gradient: 150, forward: 250 },
  resnet18: { train: 128, gradient: 150, forward: 150 },
};

/** The environment's name of the sizes that were measured best on a machine. */
export const planVariable = 'SALIENCY_STUDIO_BATCH_PLAN';
const largest = 1024;

/**
 * The one physical batch size of an architecture and job kind. It is never chosen from the machine
 * at run time, and the last batch is padded, so that the same inputs give the same bytes: a
 * convolution's sums may be ordered by the size of its batch. 150 is tiled exactly by 15 noisy
 * samples, 50 steps and their 750 pairs. Resnet18 takes a gradient in 2.0 ms an image of 64x64 at 50
 * images a batch and in 1.8 at 150, of 32x32 in 0.57 and 0.46; with the small stem a batch of 150 of
 * 32x32 takes 0.9 s, within which a job ends when it is cancelled. Training is the exception: its
 * batches are what the recipe says, for a padded batch would change the gradient's mean.
 *
 * @throws StudioError `invalid-input` where the environment's sizes cannot be read
 */
export function batchPlan(architecture: Architecture, kind: JobKind): { batch: number } {
  return { batch: plan()[architecture][kind] };
}

/** The whole plan as `architecture/kind` entries: what of it matters is part of an artifact's key. */
export function wholePlan(): Record<string, number> {
  return Object.fromEntries(
    Object.entries(plan()).flatMap(([architecture, kinds]) =>
      Object.entries(kinds).map(([kind, batch]) => [`${architecture}/${kind}`, batch]),
    ),
  );
}

/**
 * The standard plan with what a text such as `resnet18/gradient=75,resnet18/forward=100` puts in its
 * place: sizes from 1 to 1024, of gradients and scores.
 *
 * @throws StudioError `invalid-input` naming the part that is not so
 */
export function parsePlan(text: string): Plan {
  const result = structuredClone(standard);
  for (const part of text.split(',')) {
    const [name = '', size = ''] = part.split('=').map((word) => word.trim());
    const [architecture, kind] = name.split('/');
    const known = architectures.find((one) => one === architecture);
    const batch = /^\d+$/.test(size) ? Number(size) : 0;
    if (!known || (kind !== 'gradient' && kind !== 'forward') || batch < 1 || batch > largest) {
      const accepted = `parts such as resnet18/gradient=75, of ${architectures.join(' or ')}, gradient or forward, from 1 to ${largest}, with commas between`;
      throw refuse(planVariable, part, accepted);
    }
    result[known][kind] = batch;
  }
  return result;
}

let parsed: { text: string; plan: Plan } | null = null;

/** Constant in a process, whose environment does not change. */
function plan(): Plan {
  const text = process.env[planVariable]?.trim() ?? '';
  if (text === '') return standard;
  if (parsed?.text !== text) parsed = { text, plan: parsePlan(text) };
  return parsed.plan;
}
