/** Images as a model sees them: their centres where it sees no more, and the outputs of their classes. */
import { type Dataset } from '../../engine/datasets/dataset';
import { type Model } from '../../engine/models/model';
import { outputsOf, withoutLabels } from '../../engine/models/output-classes';
import { valueAt } from '../../shared/checked-reads';
import {
  type DatasetCache,
  type DatasetSource,
  type ImageSource,
  type PickedImages,
} from './dataset-cache';

export interface SeenImages extends PickedImages {
  /** The output of each image's class; -1 where the model has none. */
  readonly outputs: Int32Array;
}

/** The dataset of images as the model sees them. Throws `conflict` where they are smaller. */
export async function seenDataset(
  datasets: DatasetCache,
  source: DatasetSource,
  { input }: Pick<Model, 'input'>,
): Promise<Dataset> {
  const dataset = await datasets.get(source);
  return datasets.seen(dataset, input);
}

/** Outputs by label; null: the model is of other classes. Throws `conflict` where it is of others than are installed. */
export async function seenLabels(
  datasets: DatasetCache,
  source: DatasetSource,
  { outputs, classes }: Pick<Model, 'outputs' | 'classes'>,
): Promise<Int32Array | null> {
  const dataset = await datasets.get(source);
  return outputsOf(outputs, classes, dataset.classes, source.dataset);
}

/** Images for a model. Throws as these, and `invalid-input` for an index outside the split. */
export async function seenImages(
  datasets: DatasetCache,
  source: ImageSource,
  model: Model,
): Promise<SeenImages> {
  const picked = await datasets.pick(source, model.input);
  const places = await seenLabels(datasets, source, model);
  const outputs = picked.labels.map((label) => (places ? valueAt(places, label) : -1));
  return { ...picked, outputs };
}

/** Refuses a model of other classes what needs the true one. */
export function requireLabels({ outputs }: Pick<Model, 'outputs'>): void {
  if (outputs?.labels === null) throw withoutLabels();
}
