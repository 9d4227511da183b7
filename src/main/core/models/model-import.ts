import { type Catalogues } from '../../../shared/catalogue/catalogues';
import { suggestedNetwork } from '../../../shared/catalogue/suggestions';
import { trainingRemovalSchema } from '../../../shared/catalogue/training';
import { refuse } from '../../../shared/errors';
import { type ModelRecord } from '../../../shared/records';
import { type RouteParsed } from '../../../shared/routes';
import { adoptFile } from '../artifacts/adopt';
import { type ArtifactStore } from '../artifacts/artifact-store';
import { artifactKey } from '../artifacts/artifacts';
import { type DatasetsService } from '../datasets/datasets-service';
import { type EngineRequests } from '../jobs/engine-requests';
import { stored } from '../jobs/item-spec';
import { type UploadedFile } from '../storage/transit/upload-store';
import { type ModelsService } from './models-service';

interface Parts {
  readonly artifacts: ArtifactStore;
  readonly catalogues: Pick<Catalogues, 'networks'>;
  readonly datasets: DatasetsService;
  readonly models: ModelsService;
  readonly requests: EngineRequests;
}

const weightsFile = 'model.safetensors';

/** Weights made elsewhere: checked by the engine, measured on the validation split, stored. */
export async function importModel(
  parts: Parts,
  input: Omit<RouteParsed<'models.import'>, 'upload'>,
  { name: file, path }: UploadedFile,
): Promise<ModelRecord> {
  const { datasets, models, requests } = parts;
  const { networks } = parts.catalogues;
  const { dataset, name, mean, std, leaveOutExtra, weightsKey } = input;
  const facts = await datasets.counts(dataset);
  const { shape, classes } = facts;
  for (const [field, values] of Object.entries({ mean, std })) {
    if (values && values.length !== shape[2]) {
      throw refuse(field, values, `null, or ${shape[2]} numbers, one for each channel`);
    }
  }
  if (std?.some((value) => value <= 0)) throw refuse('std', std, 'numbers above 0');
  const { id: architecture } = networks.fitting(
    input.architecture ?? suggestedNetwork({ dataset: facts, networks: networks.list }).id,
    { inputShape: shape, classes },
    { field: 'architecture', what: `of ${facts.name}` },
  );
  await requests.ready();
  const form = { inputShape: shape, classes };
  const { artifact, adapted } = await requests.collect(
    'import-model',
    { path, file, architecture, form, mean, std, leaveOutExtra, weightsKey },
    async ({ output, folder, files }) => {
      const sha256 = files.find((written) => written.name === weightsFile)?.sha256;
      const key = artifactKey('weights', { imported: sha256 ?? '' });
      const adopted = await adoptFile(parts, folder, files, weightsFile, 'weights', key);
      return { artifact: adopted.key, adapted: output.adapted };
    },
  );
  const removal = trainingRemovalSchema.parse({});
  const { accuracy } = await requests.ask('evaluate', {
    dataset,
    model: stored(artifact),
    split: 'validation',
    removal,
    removalSeed: 0,
  });
  return models.add({ name, dataset, architecture, adapted, artifact, removal, accuracy });
}
