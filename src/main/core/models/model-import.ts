import { type Catalogues } from '../../../shared/catalogue/catalogues';
import { suggestedNetwork } from '../../../shared/catalogue/suggestions';
import { trainingRemovalSchema } from '../../../shared/catalogue/training';
import { type EngineProgress } from '../../../shared/engine';
import { refuse } from '../../../shared/errors';
import { knowsLabels } from '../../../shared/model-classes';
import { largestCrop, shapeSeen, sightChosen } from '../../../shared/model-input';
import { type ModelRecord } from '../../../shared/records';
import { type RouteParsed } from '../../../shared/routes';
import { type WeightsInspection } from '../../../shared/weights-inspection';
import { adoptFile } from '../artifacts/adopt';
import { type ArtifactStore } from '../artifacts/artifact-store';
import { artifactKey } from '../artifacts/artifacts';
import { type DatasetsService } from '../datasets/datasets-service';
import { type EngineRequests } from '../jobs/engine-requests';
import { type Events } from '../jobs/events';
import { stored } from '../jobs/item-spec';
import { type UploadedFile } from '../storage/transit/upload-store';
import { sampleImages } from './model-predictions';
import { type ModelsService } from './models-service';

interface Parts {
  readonly artifacts: ArtifactStore;
  readonly catalogues: Pick<Catalogues, 'networks'>;
  readonly datasets: DatasetsService;
  readonly models: ModelsService;
  readonly requests: EngineRequests;
}

const weightsFile = 'model.safetensors';

/** Images that every import predicts before anything is stored. */
const triedImages = 10;

/** What a file of weights holds, and which network it may be of; nothing is stored. */
export async function inspectWeightsFile(
  { datasets, events, requests }: Pick<Parts, 'datasets' | 'requests'> & { events: Events },
  { upload, dataset, weightsKey, resize, crop }: RouteParsed<'models.inspectFile'>,
  { name: file, path }: UploadedFile,
  signal: AbortSignal,
): Promise<WeightsInspection> {
  const looked = sightChosen({ resize, crop });
  const seen = dataset === null ? null : shapeSeen(datasets.facts(dataset).shape, looked);
  const size: [number, number] | null = seen && [seen[0], seen[1]];
  const report = ({ done, total }: EngineProgress) =>
    events.emit({ type: 'weights.progress', upload, share: done / total });
  return requests.ask(
    'inspect-weights',
    { path, file, weightsKey, size },
    { lane: 'interactive', signal, report },
  );
}

/**
 * Weights made elsewhere: checked by the engine and tried on a few images; measured on the validation
 * split unless that is done later; stored.
 */
export async function importModel(
  parts: Parts,
  input: Omit<RouteParsed<'models.import'>, 'upload'>,
  { name: file, path }: UploadedFile,
): Promise<ModelRecord> {
  const { datasets, models, requests } = parts;
  const { networks } = parts.catalogues;
  const { dataset, name, mean, std, resize, crop, classes: names, labels, measure } = input;
  const { leaveOutExtra, weightsKey } = input;
  const facts = await datasets.counts(dataset);
  const { shape } = facts;
  for (const [field, values] of Object.entries({ mean, std })) {
    if (values && values.length !== shape[2]) {
      throw refuse(field, values, `null, or ${shape[2]} numbers, one for each channel`);
    }
  }
  if (std?.some((value) => value <= 0)) throw refuse('std', std, 'numbers above 0');
  const looked = sightChosen({ resize, crop });
  const side = largestCrop(shape, looked);
  // What a file of ours says of resizing the engine knows.
  if (looked.crop != null && resize !== null && looked.crop > side) {
    throw refuse(
      'crop',
      crop,
      `null, none, or at most ${side}: the images of ${facts.name} are no larger`,
    );
  }
  if (input.architecture !== null) {
    const known = names === null && labels === 'match' ? facts.classes : null;
    networks.fitting(
      input.architecture,
      { inputShape: shapeSeen(shape, looked), classes: known },
      { field: 'architecture', what: `of ${facts.name}` },
    );
  }
  await requests.ready();
  const made = await requests.collect(
    'import-model',
    {
      dataset,
      path,
      file,
      mean,
      std,
      resize,
      crop,
      labels,
      leaveOutExtra,
      weightsKey,
      architecture: input.architecture,
      suggested: suggestedNetwork({ dataset: facts, networks: networks.list }).id,
      classes: names,
    },
    async ({ output, folder, files }) => {
      const sha256 = files.find((written) => written.name === weightsFile)?.sha256;
      const key = artifactKey('weights', { imported: sha256 ?? '' });
      const adopted = await adoptFile(parts, folder, files, weightsFile, 'weights', key);
      const { architecture, adapted, classes, input: seen } = output;
      return { artifact: adopted.key, architecture, adapted, classes, input: seen };
    },
  );
  const { artifact } = made;
  const removal = trainingRemovalSchema.parse({});
  const indices = await sampleImages(datasets, dataset, triedImages, 0);
  const target = 'predicted';
  const tried = { dataset, model: stored(artifact), split: 'validation', indices, target } as const;
  await requests.arrays('predict', tried, ['logits.npy']);
  const measured =
    measure && knowsLabels(made.classes)
      ? await requests.ask('evaluate', {
          dataset,
          model: stored(artifact),
          split: 'validation',
          removal,
          removalSeed: 0,
        })
      : null;
  return models.add({ name, dataset, ...made, removal, accuracy: measured?.accuracy ?? null });
}
