import type { Architecture } from '../../shared/catalogue/datasets';

/** What a batch is for: training steps, input gradients, or scores. */
export const jobKinds = ['train', 'gradient', 'forward'] as const;
export type JobKind = (typeof jobKinds)[number];

const plans: Record<Architecture, Record<JobKind, number>> = {
  'mnist-cnn': { train: 128, gradient: 150, forward: 250 },
  resnet18: { train: 128, gradient: 150, forward: 250 },
};

/**
 * The one physical batch size of an architecture and job kind. It is never chosen from the machine
 * at run time, and the last batch is padded, so that the same inputs give the same bytes: a
 * convolution's sums may be ordered by the size of its batch. 150 is tiled exactly by 15 noisy
 * samples, 50 steps and their 750 pairs. Training is the exception: its batches are what the recipe
 * says, for a padded batch would change the gradient's mean. Resnet18's speed hardly depends on its
 * batch from 128 to 250, at 32x32 as at 64x64; at 50 it is a tenth less.
 */
export function batchPlan(architecture: Architecture, kind: JobKind): { batch: number } {
  return { batch: plans[architecture][kind] };
}

/** The whole plan as `architecture/kind` entries: part of every artifact's key. */
export function wholePlan(): Record<string, number> {
  return Object.fromEntries(
    Object.entries(plans).flatMap(([architecture, kinds]) =>
      Object.entries(kinds).map(([kind, batch]) => [`${architecture}/${kind}`, batch]),
    ),
  );
}
