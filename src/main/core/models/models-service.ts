import { type Catalogues } from '../../../shared/catalogue/catalogues';
import { recipeFields } from '../../../shared/catalogue/network';
import { suggestedNetwork } from '../../../shared/catalogue/suggestions';
import { completeTrainInput } from '../../../shared/catalogue/train-input';
import { trainingRemovalSchema } from '../../../shared/catalogue/training';
import { conflict, notFound, refuse } from '../../../shared/errors';
import { type ExportFile } from '../../../shared/export-file';
import { type NewId } from '../../../shared/ids';
import { type ModelRecord, modelRecordSchema } from '../../../shared/records';
import { type RouteOutput, type RouteParsed } from '../../../shared/routes';
import { adoptFile } from '../artifacts/adopt';
import { type ArtifactStore } from '../artifacts/artifact-store';
import { artifactKey } from '../artifacts/artifacts';
import { engineKey, modelKey, type TrainingSpec } from '../artifacts/keys';
import { type DatasetsService, requireTrainLimit } from '../datasets/datasets-service';
import { datasetSource } from '../datasets/folders';
import { type EngineHost } from '../engine/engine-host';
import { accuracyBeside, type Publication } from '../export/publication';
import { type Events } from '../jobs/events';
import { type JobsRepository } from '../jobs/jobs-repository';
import { ledgerStages } from '../jobs/run-plan';
import { type Scheduler } from '../jobs/scheduler';
import { type Database } from '../storage/database';
import { type Clock, now } from '../storage/environment';
import { type InstalledFiles } from '../storage/installed-files';
import { type Scratch } from '../storage/scratch';
import { type ExportStore } from '../storage/transit/export-store';
import { type UploadedFile } from '../storage/transit/upload-store';
import { networkOf } from './model-form';
import { type ModelsRepository, type StoredModel } from './models-repository';
import { trainingPlan } from './training-plan';
import { type Trainings } from './trainings';
import { trainedName, weightsFileName } from './weights-file-name';

interface Parts {
  /** Names of what uses a model. */
  readonly modelUsers: (model: string) => readonly string[];
  readonly artifacts: ArtifactStore;
  readonly catalogues: Pick<Catalogues, 'networks'>;
  readonly clock: Clock;
  readonly dataDir: string;
  readonly database: Database;
  readonly engine: EngineHost;
  readonly events: Events;
  readonly exports: ExportStore;
  readonly files: InstalledFiles;
  readonly jobs: JobsRepository;
  readonly models: ModelsRepository;
  readonly newId: NewId;
  readonly paper: () => Publication;
  readonly scratch: Scratch;
  readonly trainings: Trainings;
}

/** Trained and imported models. */
export class ModelsService {
  readonly #parts: Parts;
  readonly #datasets: DatasetsService;
  readonly #scheduler: Scheduler;

  constructor(parts: Parts, datasets: DatasetsService, scheduler: Scheduler) {
    this.#parts = parts;
    this.#datasets = datasets;
    this.#scheduler = scheduler;
  }

  list(): ModelRecord[] {
    return this.#parts.models.list().map((model) => this.#record(model));
  }

  get(id: string): ModelRecord {
    return this.#record(this.stored(id));
  }

  stored(id: string): StoredModel {
    const model = this.#parts.models.get(id);
    if (!model) throw notFound('model', id);
    return model;
  }

  /** A model whose weights are final, for those who compute with it. */
  ready(id: string): StoredModel & { artifact: string; sha256: string } {
    const model = this.stored(id);
    const { artifact, sha256, state } = model;
    if (state !== 'ready' || !artifact || !sha256) {
      throw conflict(`${model.name} is not trained to its end: finish its training first.`);
    }
    return { ...model, artifact, sha256 };
  }

  /** A job for the model of these inputs; one that is known is taken up where it stands. */
  async train(input: RouteParsed<'models.train'>): Promise<RouteOutput<'models.train'>> {
    const { dataset } = input;
    const { catalogues, engine, jobs, models, database, trainings } = this.#parts;
    const of = { dataset: this.#datasets.facts(dataset), networks: catalogues.networks.list };
    const { removal, removalSeed, recipe: completed } = completeTrainInput(of, input);
    const counts = await this.#datasets.counts(dataset);
    const recipe = catalogues.networks.checked(
      completed,
      { inputShape: counts.shape, classes: counts.classes },
      `of ${counts.name}`,
      recipeFields('recipe'),
    );
    const spec: TrainingSpec = { dataset, recipe, removal, removalSeed };
    requireTrainLimit('recipe.trainLimit', recipe.trainLimit, counts.train);
    const content = await this.#datasets.key(dataset);
    const key = modelKey(spec, content, engineKey(await engine.ready()));
    const present = models.findByKey(key);
    if (present?.job && present.state !== 'ready' && this.#scheduler.isActive(present.job)) {
      return { job: this.#scheduler.get(present.job), model: this.#record(present) };
    }
    const id = this.#parts.newId('job');
    const plan = trainingPlan(trainings, {
      spec,
      dataset: content,
      key,
      network: networkOf(counts, recipe),
      counts,
      rates: null,
      model: () => models.findByKey(key),
      job: id,
    });
    const title = trainedName(counts, recipe.architecture, removal.level);
    const model = database.transaction(() => {
      // The job first: the model's row refers to it, and the job's to the model by name alone.
      const subject = present?.id ?? this.#parts.newId('model');
      jobs.insert({
        id,
        kind: 'train',
        title: `Train ${title}`,
        subject,
        input: { model: subject, dataset: content },
        stages: ledgerStages(plan),
        createdAt: now(this.#parts),
      });
      const stored = trainings.make(key, spec, title, id, subject);
      if (stored.state !== 'ready') {
        models.setJob(stored.id, id);
        models.setState(stored.id, 'training');
      }
      return stored;
    });
    this.#parts.events.emit({ type: 'model.changed', model: model.id });
    const job = this.#scheduler.enqueued(id);
    return { job, model: this.get(model.id) };
  }

  rename({ model: id, name }: RouteParsed<'models.rename'>): ModelRecord {
    this.stored(id);
    this.#parts.models.rename(id, name);
    this.#parts.events.emit({ type: 'model.changed', model: id });
    return this.get(id);
  }

  remove(id: string): Record<string, never> {
    const { models, jobs, database, events } = this.#parts;
    const model = this.stored(id);
    const users = this.#parts.modelUsers(id);
    if (users.length > 0) {
      throw conflict(
        `${model.name} is used by ${users.join(', ')}: remove these runs and studies first.`,
      );
    }
    const job = model.job ? jobs.get(model.job) : undefined;
    if (job && this.#scheduler.isActive(job.id)) {
      throw conflict(`${model.name} is being trained: cancel that first.`);
    }
    database.transaction(() => {
      models.remove(id);
      if (job?.kind === 'train') jobs.remove(job.id);
    });
    events.emit({ type: 'model.changed', model: id });
    return {};
  }

  async export(id: string): Promise<ExportFile> {
    const model = this.ready(id);
    const path = await this.#parts.artifacts.open(model.artifact);
    return this.#parts.exports.offer(weightsFileName(model), 'application/octet-stream', path);
  }

  /** Weights made elsewhere: checked by the engine, measured on the validation split, stored. */
  async import(
    input: Omit<RouteParsed<'models.import'>, 'upload'>,
    { name: file, path }: UploadedFile,
  ): Promise<RouteOutput<'models.import'>> {
    const { dataset, name, mean, std, leaveOutExtra } = input;
    const { catalogues, engine, scratch, models, database, events } = this.#parts;
    const facts = await this.#datasets.counts(dataset);
    const { shape, classes } = facts;
    for (const [field, values] of Object.entries({ mean, std })) {
      if (values && values.length !== shape[2]) {
        throw refuse(field, values, `null, or ${shape[2]} numbers, one for each channel`);
      }
    }
    if (std?.some((value) => value <= 0)) throw refuse('std', std, 'numbers above 0');
    const { networks } = catalogues;
    const { id: architecture } = networks.fitting(
      input.architecture ?? suggestedNetwork({ dataset: facts, networks: networks.list }).id,
      { inputShape: shape, classes },
      { field: 'architecture', what: `of ${facts.name}` },
    );
    await engine.ready();
    const lane = { lane: 'interactive' } as const;
    const { artifact, adapted } = await scratch(async (outDir) => {
      const form = { inputShape: [...shape] as [number, number, number], classes };
      const request = { path, file, architecture, form, mean, std, leaveOutExtra, outDir };
      const { files, adapted } = await engine.request('import-model', request, lane);
      const sha256 = files.find((written) => written.name === 'model.safetensors')?.sha256;
      const key = artifactKey('weights', { imported: sha256 ?? '' });
      const model = 'model.safetensors';
      const artifact = await adoptFile(this.#parts, outDir, files, model, 'weights', key);
      return { artifact, adapted };
    });
    const removal = trainingRemovalSchema.parse({});
    const { accuracy } = await engine.request(
      'evaluate',
      {
        ...datasetSource(this.#parts, dataset),
        ...{ model: await this.#parts.artifacts.open(artifact.key), split: 'validation' },
        ...{ removal, removalSeed: 0 },
      },
      lane,
    );
    const id = this.#parts.newId('model');
    database.transaction(() => {
      models.insert({
        id,
        key: artifact.key,
        name,
        dataset,
        architecture,
        origin: 'imported',
        recipe: null,
        removal,
        removalSeed: 0,
        adapted,
        job: null,
        state: 'incomplete',
        createdAt: now(this.#parts),
      });
      models.finish(id, artifact.key, accuracy);
    });
    events.emit({ type: 'model.changed', model: id });
    return this.get(id);
  }

  #record(model: StoredModel): ModelRecord {
    const stated =
      model.origin === 'trained'
        ? accuracyBeside(this.#parts.paper(), model, model.removal.level)
        : null;
    // The schema leaves out what is storage's own: the model's key and its artifact's.
    return modelRecordSchema.parse({ ...model, paperAccuracy: stated });
  }
}
