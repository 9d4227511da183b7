import { type DatasetId } from '../../../shared/catalogue/datasets';

/** How training code usually normalises inputs, per channel. */
export interface Normalisation {
  readonly id: string;
  readonly name: string;
  readonly datasets: readonly DatasetId[];
  /** Empty: nothing is subtracted or divided. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

export const normalisations: readonly Normalisation[] = [
  {
    id: 'none',
    name: 'None: pixels from 0 to 1',
    datasets: ['mnist', 'cifar10', 'tiny-imagenet'],
    mean: [],
    std: [],
  },
  { id: 'mnist', name: 'MNIST’s usual', datasets: ['mnist'], mean: [0.1307], std: [0.3081] },
  {
    id: 'imagenet',
    name: 'ImageNet’s',
    datasets: ['cifar10', 'tiny-imagenet'],
    mean: [0.485, 0.456, 0.406],
    std: [0.229, 0.224, 0.225],
  },
  {
    id: 'cifar10',
    name: 'CIFAR-10’s usual',
    datasets: ['cifar10'],
    mean: [0.4914, 0.4822, 0.4465],
    std: [0.247, 0.2435, 0.2616],
  },
];

/** Of numbers that are no preset's. */
export const ownNormalisation = 'own';

/** The preset whose numbers these texts are. */
export function presetOf(mean: string, std: string, channels: number): string {
  const typed = JSON.stringify([readChannels(mean, channels), readChannels(std, channels)]);
  const found = normalisations.find((preset) => {
    const own = [preset.mean, preset.std].map((values) => (values.length === 0 ? null : values));
    return JSON.stringify(own) === typed;
  });
  return found?.id ?? ownNormalisation;
}

/**
 * '0.13' or '0.4, 0.5, 0.6' as numbers, one for each channel; null for an empty text and undefined
 * for anything else.
 */
export function readChannels(text: string, channels: number): number[] | null | undefined {
  const parts = text.split(/[\s,;]+/).filter((part) => part !== '');
  if (parts.length === 0) return null;
  const values = parts.map(Number);
  return values.length === channels && values.every(Number.isFinite) ? values : undefined;
}
