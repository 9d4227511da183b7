import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { stored, type WorkOrder, workOrder } from '../../../../../src/main/core/jobs/item-spec';
import {
  type ChainDataset,
  requestKey,
  type WorkChain,
  workChainSchema,
} from '../../../../../src/main/core/machines/work-chain';
import { recipeSchema } from '../../../../../src/shared/catalogue/training';
import { mnist } from '../../../engine-process/helpers';
import { type FolderExchange } from '../folder-exchange';

type Offering = Pick<FolderExchange, 'offer'>;

/** A dataset's folder, offered by content. */
export function offered(exchange: Offering, dataset: string, folder: string): ChainDataset {
  const names = readdirSync(folder).filter((name) =>
    /ubyte$|^dataset\.json$|^\w+\.\w+s$/.test(name),
  );
  return {
    dataset,
    files: names.map((name) => ({ name, ...exchange.offer(join(folder, name)) })),
  };
}

export const offeredMnist = (exchange: Offering): ChainDataset =>
  offered(exchange, mnist.dataset, mnist.datasetDir);

export function chainOf(
  dataset: ChainDataset,
  orders: readonly WorkOrder[],
  change: Partial<WorkChain> = {},
): WorkChain {
  return workChainSchema.parse({
    version: 1,
    job: 'job',
    dataset,
    orders: orders.map((order) => ({
      request: requestKey(order, 'class'),
      operation: order.operation,
      input: order.input,
      outputs: order.outputs,
    })),
    blobs: [],
    ...change,
  } satisfies Partial<Record<keyof WorkChain, unknown>>);
}

const keyOf = (text: string) => Buffer.from(text.padEnd(32, '.')).toString('hex');
export const weightsKey = (epoch: number) => keyOf(`weights ${epoch}`);
const optimiserKey = (epoch: number) => keyOf(`optimiser ${epoch}`);

/** Epochs of the paper's network on a few images, each after the one before. */
export function epochs(
  dataset: ChainDataset,
  count: number,
  { trainLimit = 300, seed = 1 } = {},
): WorkOrder[] {
  const recipe = recipeSchema.parse({ architecture: 'mnist-cnn', trainLimit, epochs: count, seed });
  return Array.from({ length: count }, (_, epoch) =>
    workOrder(
      'train-epoch',
      dataset,
      {
        recipe,
        removal: {},
        removalSeed: 0,
        epoch,
        checkpoint:
          epoch === 0
            ? null
            : { model: stored(weightsKey(epoch - 1)), optimiser: stored(optimiserKey(epoch - 1)) },
      },
      [
        { file: 'model.safetensors', kind: 'weights', key: weightsKey(epoch) },
        { file: 'optimiser.safetensors', kind: 'optimiser', key: optimiserKey(epoch) },
      ],
    ),
  );
}
