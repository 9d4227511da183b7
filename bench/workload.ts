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
  architecture: z.enum(['mnist-cnn', 'resnet18']),
  side: z.int(),
  channels: z.int(),
  stem: z.enum(['imagenet', 'small']).optional(),
});
export type Workload = z.infer<typeof workloadSchema>;

export const classes = 10;
/** Images that the model is trained on before anything is measured, and that training is timed with. */
const counts = { 'mnist-cnn': 12_800, resnet18: 1280 } as const;

export interface WorkloadData {
  /** [count, side, side, channels] in memory. */
  readonly train: Images & { readonly images: Uint8Array };
  readonly validation: Images & { readonly images: Uint8Array };
}

/** MNIST for its network; made images in colour for the other. */
export async function dataOf(workload: Workload, mnist: string): Promise<WorkloadData> {
  const { architecture, side } = workload;
  const count = counts[architecture];
  if (architecture === 'resnet18') {
    const made = (images: number, seed: number) =>
      madeImages(images, side, classes, seed) as WorkloadData['train'];
    return { train: made(count, 1), validation: made(250, 2) };
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

/** How the workload's model is trained: as its dataset's default recipe, at a constant rate. */
export function recipeOf({
  architecture,
}: Workload): Pick<TrainOptions, 'batchSize' | 'learningRate' | 'optimiser'> {
  if (architecture === 'mnist-cnn') return { batchSize: 128, learningRate: 0.001 };
  const optimiser = { kind: 'sgd', momentum: 0.9, nesterov: false, weightDecay: 5e-4 } as const;
  return { batchSize: 128, learningRate: 0.01, optimiser };
}
