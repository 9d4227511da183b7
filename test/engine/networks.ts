import { builtInAlgorithms } from '../../src/engine/catalogues';
import type { InputNormalisation, Model } from '../../src/engine/models/model';
import type { OpenWeights } from '../../src/engine/models/open-weights';
import * as weights from '../../src/engine/models/weights';
import type { Kernels } from '../../src/engine/runtime/kernels';
import type { BatchPurpose } from '../../src/shared/catalogue/network';

export type Stem = 'imagenet' | 'small';

/** The networks that Saliency Studio comes with. */
export const { networks } = builtInAlgorithms;

const mnist = { inputShape: [28, 28, 1], classes: 10, options: {} } as const;

/** A model of a network that Saliency Studio comes with; the form is resnet18's, which leaves it open. */
export function createModel(
  kernels: Kernels,
  id: 'mnist-cnn' | 'resnet18',
  input?: InputNormalisation,
  form?: {
    readonly inputShape: readonly [number, number, number];
    readonly classes: number;
    readonly stem?: Stem | undefined;
  },
): Model {
  if (id === 'mnist-cnn' || !form) return networks.create(kernels, id, mnist, input);
  const { stem, ...rest } = form;
  return networks.create(kernels, id, { ...rest, options: stem ? { stem } : {} }, input);
}

type Options = Omit<weights.DecodeOptions, 'networks'>;

export const decodeModel = (kernels: Kernels, bytes: Uint8Array, options: Options): Model =>
  weights.decodeModel(kernels, bytes, { ...options, networks });

export const adaptModel = (kernels: Kernels, file: OpenWeights, options: Options) =>
  weights.adaptModel(kernels, file, { ...options, networks });

export const batchPlan = (id: string, purpose: BatchPurpose) => ({
  batch: networks.batches(id)[purpose],
});
