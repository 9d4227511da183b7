import { toWire } from '../../../shared/arrays';
import { valueAt } from '../../../shared/checked-reads';
import { refuse } from '../../../shared/errors';
import { outputNames, outputOf } from '../../../shared/model-classes';
import { type RouteOutput, type RouteParsed } from '../../../shared/routes';
import { stratifiedIndices } from '../../../shared/selection';
import { sightOf } from '../../../shared/model-input';
import { softmax } from '../../../statistics/softmax';
import { asFloats, rowOf } from '../artifacts/arrays';
import { type DatasetsService } from '../datasets/datasets-service';
import { type EngineRequests } from '../jobs/engine-requests';
import { stored } from '../jobs/item-spec';
import { type ModelsService } from './models-service';

interface Parts {
  readonly datasets: DatasetsService;
  readonly models: ModelsService;
  readonly requests: EngineRequests;
}

/** Outputs that are told of an image, the likeliest first. */
const mostTold = 3;

/** Some images of a dataset's validation split, of all classes in turn. */
export async function sampleImages(
  datasets: DatasetsService,
  dataset: string,
  count: number,
  seed: number,
): Promise<number[]> {
  const labels = await datasets.labels(dataset, 'validation');
  return stratifiedIndices(labels, Math.min(count, labels.length), seed);
}

/** What a model says of some images, as it sees them. */
export async function predictionsOf(
  { datasets, models, requests }: Parts,
  { model: id, images: count, seed }: RouteParsed<'models.predictions'>,
): Promise<RouteOutput<'models.predictions'>> {
  const model = models.ready(id);
  const { dataset, input, classes } = model;
  const facts = await datasets.counts(dataset);
  if (count > facts.validation) {
    throw refuse(
      'images',
      count,
      `1 to ${facts.validation}, the validation images of ${facts.name}`,
    );
  }
  const { classes: labels } = await datasets.record(dataset);
  const names = outputNames(classes, labels);
  const indices = await sampleImages(datasets, dataset, count, seed);
  await requests.ready();
  const [pixels, [logits]] = await Promise.all([
    datasets.pixels(dataset, 'validation', indices, sightOf(input)),
    requests.arrays(
      'predict',
      {
        dataset,
        model: stored(model.artifact),
        split: 'validation',
        indices,
        target: 'predicted',
      },
      ['logits.npy'],
    ),
  ]);
  const scores = asFloats(logits, 'logits.npy');
  const { shape, data } = pixels.images;
  const size = shape.slice(1).reduce((product, side) => product * side, 1);
  return {
    images: indices.map((image, i) => {
      const label = valueAt(pixels.labels, i);
      const probabilities = Array.from(softmax(rowOf(scores, i).data));
      return {
        image,
        pixels: toWire({ shape: shape.slice(1), data: data.slice(i * size, (i + 1) * size) }),
        label,
        labelName: labels[label] ?? String(label),
        output: outputOf(classes, label),
        top: probabilities
          .map((probability, output) => ({ output, name: valueAt(names, output), probability }))
          .sort((a, b) => b.probability - a.probability)
          .slice(0, mostTold),
      };
    }),
  };
}
