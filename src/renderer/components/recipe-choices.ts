import { type Fill, type OptimiserName, type Schedule } from '../../shared/catalogue/training';

interface Choice<T> {
  readonly value: T;
  readonly label: string;
  readonly help?: string;
}

export const optimiserChoices: readonly Choice<OptimiserName>[] = [
  { value: 'adam', label: 'Adam', help: 'β 0.9 and 0.999, as PyTorch' },
  { value: 'sgd', label: 'SGD', help: 'With momentum, as PyTorch' },
];

export const scheduleChoices: readonly Choice<Schedule['kind']>[] = [
  { value: 'constant', label: 'Constant', help: 'The same rate throughout' },
  { value: 'step', label: 'Steps', help: 'Times a factor every so many epochs' },
  { value: 'one-cycle', label: 'One cycle', help: 'Up to the rate, then down to nothing' },
];

export const fillChoices: readonly Choice<Fill>[] = [
  { value: 'image-mean', label: 'Image mean', help: 'The paper: per image and channel' },
  { value: 'dataset-mean', label: 'Dataset mean', help: 'Of the training images, per channel' },
  { value: 'random', label: 'Random', help: 'Uniform in [0, 1], per channel' },
  {
    value: 'noisy-linear',
    label: 'Noisy linear',
    help: 'ROAD: from the neighbours, with a little noise',
  },
];

export const maskChoices: readonly Choice<'fixed' | 'redrawn'>[] = [
  { value: 'fixed', label: 'Fixed', help: 'One mask an image for all epochs' },
  { value: 'redrawn', label: 'Redrawn', help: 'A new mask each epoch' },
];

/** A schedule of this kind, with the schema's defaults. */
export function scheduleOf(kind: Schedule['kind']): Schedule {
  return kind === 'step' ? { kind, every: 30, factor: 0.1 } : { kind };
}
