import { z } from 'zod';
import { imageRange } from '../src/engine/datasets/image-store';
import { readMnist } from '../src/engine/datasets/mnist';
import { builtInAlgorithms } from '../src/engine/catalogues';
import { type Images } from '../src/engine/models/inputs';
import { type Model } from '../src/engine/models/model';
import { type TrainOptions } from '../src/engine/models/train';
import { type Kernels } from '../src/engine/runtime/kernels';
import { madeImages } from './made-images';

/** A network on images of one size. */
export const workloadSchema = z.object({
  architecture: z.enum(['mnist-cnn', 'resnet18', 'resnet50', 'vgg16']),
  side: z.int(),
  channels: z.int(),
  stem: z.enum(['imagenet', 'small']).optional(),
  /** How many images the model is trained on before anything is measured, and training is timed with. */
  images: z.int(),
  /** Of the recipe, with a rate at which the network learns from the start. */
  batch: z.int(),
  learningRate: z.number(),
  /** Of the maps; default those of the paper. */
  maps: z.object({ n: z.int(), steps: z.int() }).optional(),
});
export type Workload = z.infer<typeof workloadSchema>;

export const classes = 10;
export interface WorkloadData {
  /** [count, side, side, channels] in memory. */
  readonly train: Images & { readonly images: Uint8Array };
  readonly validation: Images & { readonly images: Uint8Array };
}

/** MNIST for its network; made images in colour for the other. */
export async function dataOf(workload: Workload, mnist: string): Promise<WorkloadData> {
  const { architecture, side, images: count } = workload;
  if (architecture !== 'mnist-cnn') {
    const made = (images: number, seed: number) =>
      madeImages(images, side, classes, seed) as WorkloadData['train'];
    return { train: made(count, 1), validation: made(Math.min(250, count), 2) };
  }
  const { train, validation } = await readMnist(mnist);
  const taken = ({ images, labels }: typeof train, end: number) => ({
    images: imageRange(images, 0, end),
    labels: labels.subarray(0, end),
    count: end,
  });
  return { train: taken(train, count), validation: taken(validation, validation.count) };
}

export function modelOf(kernels: Kernels, { architecture, side, channels, stem }: Workload): Model {
  const inputShape = [side, side, channels] as const;
  const options = stem ? { stem } : {};
  return builtInAlgorithms.networks.create(kernels, architecture, { inputShape, classes, options });
}

/** How the workload's model is trained: as its network's default recipe, at a constant rate. */
export function recipeOf({
  architecture,
  batch: batchSize,
  learningRate,
}: Workload): Pick<TrainOptions, 'batchSize' | 'learningRate' | 'optimiser'> {
  if (architecture === 'mnist-cnn') return { batchSize, learningRate };
  const optimiser = { kind: 'sgd', momentum: 0.9, nesterov: false, weightDecay: 5e-4 } as const;
  return { batchSize, learningRate, optimiser };
}
