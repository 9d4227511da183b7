import { type Model } from '../../engine/models/model';
import { StudioError } from '../../shared/errors';
import { type DatasetCache, type DatasetSource } from './dataset-cache';

/** Refuse a model of another number of classes: trained before another part of it was installed. */
export async function requireFit(
  datasets: DatasetCache,
  source: DatasetSource,
  model: Model,
): Promise<void> {
  const { classes } = await datasets.get(source);
  if (classes.length === model.classes) return;
  throw new StudioError({
    code: 'conflict',
    message: `The model tells ${model.classes} classes apart, and the dataset ${source.dataset} as it is installed now has ${classes.length}: choose a model that was trained on what is installed.`,
    details: { model: String(model.classes), dataset: String(classes.length) },
  });
}
