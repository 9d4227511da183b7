import { z } from 'zod';

export const datasetIds = ['mnist'] as const;
export const datasetIdSchema = z.enum(datasetIds, `one of: ${datasetIds.join(', ')}`);
export type DatasetId = z.infer<typeof datasetIdSchema>;

export const splitSchema = z.enum(['train', 'validation']);
export type Split = z.infer<typeof splitSchema>;

/** What is known of a dataset without opening it. */
export interface DatasetEntry {
  readonly id: DatasetId;
  readonly name: string;
  /** Height, width, channels of one image. */
  readonly shape: readonly [number, number, number];
  readonly classes: number;
  readonly train: number;
  readonly validation: number;
  readonly architecture: Architecture;
  /** Images that the paper's ROAR evaluates (Figs. 2 to 4). */
  readonly roarImages: number;
  readonly licence: string;
  readonly citation: string;
}

export const architectures = ['mnist-cnn', 'resnet18'] as const;
export const architectureSchema = z.enum(architectures);
export type Architecture = z.infer<typeof architectureSchema>;

export const datasets: readonly DatasetEntry[] = [
  {
    id: 'mnist',
    name: 'MNIST',
    shape: [28, 28, 1],
    classes: 10,
    train: 60_000,
    validation: 10_000,
    architecture: 'mnist-cnn',
    roarImages: 500,
    licence: 'CC BY-SA 3.0',
    citation: 'Y. LeCun, C. Cortes and C. J. C. Burges, The MNIST database of handwritten digits',
  },
];

export function datasetEntry(id: DatasetId): DatasetEntry {
  const entry = datasets.find((candidate) => candidate.id === id);
  if (!entry) throw new RangeError(`no dataset ${id} in the catalogue`);
  return entry;
}
