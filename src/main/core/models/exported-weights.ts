import { constants } from 'node:fs';
import { copyFile, link, open } from 'node:fs/promises';
import { type Catalogues } from '../../../shared/catalogue/catalogues';
import { headTensors } from '../../../shared/catalogue/network-size';
import { type ArtifactStore } from '../artifacts/artifact-store';
import { type DatasetsService } from '../datasets/datasets-service';
import { networkOfModel } from './model-form';
import { type ReadyModel } from './models-service';
import { headWith, readHead, shapesIn, type WeightsHead } from './weights-header';

const blockBytes = 2 ** 22;

/** What the weights of a model are written from. */
export interface WeightsParts {
  readonly artifacts: ArtifactStore;
  readonly catalogues: Pick<Catalogues, 'networks'>;
  readonly datasets: DatasetsService;
}

/**
 * Writes the weights of a model to a new file, with the names of its classes: where it comes in again for
 * classes in another order, or for others, that is seen.
 */
export async function writeWeights(
  parts: WeightsParts,
  model: ReadyModel,
  to: string,
): Promise<void> {
  const path = await parts.artifacts.open(model.artifact);
  const head = await readHead(path).catch(() => null);
  const names = head && !('classes' in head.metadata) ? await namesOf(parts, model, head) : null;
  if (head === null || names === null) {
    await link(path, to).catch(() => copyFile(path, to, constants.COPYFILE_FICLONE));
    return;
  }
  const labels = names.map((name, output) => [name, output]);
  const metadata = { ...head.metadata, classes: JSON.stringify({ names, labels }) };
  const from = await open(path, 'r');
  const into = await open(to, 'wx');
  try {
    await into.writeFile(headWith(head, metadata));
    const block = Buffer.alloc(blockBytes);
    for (let at = head.length; ;) {
      const { bytesRead } = await from.read(block, 0, block.length, at);
      if (bytesRead === 0) break;
      await into.writeFile(block.subarray(0, bytesRead));
      at += bytesRead;
    }
  } finally {
    await Promise.all([from.close(), into.close()]);
  }
}

/** The classes of the model's dataset, which are its outputs in order; null: as many are not here. */
async function namesOf(
  { catalogues: { networks }, datasets }: WeightsParts,
  model: ReadyModel,
  head: WeightsHead,
): Promise<readonly string[] | null> {
  const { classes: names, shape } = await datasets.record(model.dataset);
  const { architecture, form } = networkOfModel({ shape, classes: names.length }, model);
  const shapes = shapesIn(head);
  const outputs = [...headTensors(networks.get(architecture), form)].map((name) =>
    shapes.get(name)?.at(0),
  );
  return outputs.every((count) => count === names.length) ? names : null;
}
