import { datasetEntry, type DatasetId } from '../../../shared/catalogue/datasets';
import { trainingRemovalSchema } from '../../../shared/catalogue/training';
import { refuse } from '../../../shared/errors';
import { type ExportFile } from '../../../shared/export-file';
import { type ModelRecord, modelRecordSchema } from '../../../shared/records';
import { type RouteOutput, type RouteParsed } from '../../../shared/routes';
import { artifactKey } from '../artifacts/artifacts';
import { type StoredModel } from './models-repository';
import { type UploadedFile } from '../storage/transit/upload-store';
import { adoptFile } from '../artifacts/adopt';
import { trainingStage } from '../jobs/costs';
import { engineKey, modelKey, type TrainingSpec } from '../artifacts/keys';
import { type Scheduler } from '../jobs/scheduler';
import { modelFor } from './train-model';
import { paperAccuracy as statedAccuracy } from '../paper/paper';
import { conflict, type Core, datasetSource, notFound, now } from '../core';
import { type DatasetsService, requireTrainLimit } from '../datasets/datasets-service';
import { trainedName, weightsFileName } from './weights-file-name';

/** The paper's accuracy at a removal level, where it states one. */
export function paperAccuracy(core: Core, dataset: DatasetId, level: number): number | null {
  const paper = core.paper();
  return paper.accuracies.dataset === dataset
    ? (statedAccuracy(paper, level)?.accuracy ?? null)
    : null;
}

/** Trained and imported models. */
export class ModelsService {
  readonly #core: Core;
  readonly #datasets: DatasetsService;
  readonly #scheduler: Scheduler;

  constructor(core: Core, datasets: DatasetsService, scheduler: Scheduler) {
    this.#core = core;
    this.#datasets = datasets;
    this.#scheduler = scheduler;
  }

  list(): ModelRecord[] {
    return this.#core.models.list().map((model) => this.#record(model));
  }

  get(id: string): ModelRecord {
    return this.#record(this.stored(id));
  }

  stored(id: string): StoredModel {
    const model = this.#core.models.get(id);
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
    const { dataset, recipe, removal, removalSeed } = input;
    const { engine, jobs, models, database } = this.#core;
    const { architecture } = datasetEntry(dataset);
    const spec: TrainingSpec = { dataset, architecture, recipe, removal, removalSeed };
    const counts = await this.#datasets.counts(dataset);
    requireTrainLimit('recipe.trainLimit', recipe.trainLimit, counts.train);
    const content = await this.#datasets.key(dataset);
    const key = modelKey(spec, content, engineKey(await engine.ready()));
    const present = models.findByKey(key);
    if (present?.job && present.state !== 'ready' && this.#scheduler.isActive(present.job)) {
      return { job: this.#scheduler.get(present.job), model: this.#record(present) };
    }
    const id = this.#core.newId('job');
    const stage = trainingStage([removal.level], recipe, counts, null);
    const title = trainedName(dataset, removal.level);
    const model = database.transaction(() => {
      // The job first: the model's row refers to it, and the job's to the model by name alone.
      const subject = present?.id ?? this.#core.newId('model');
      jobs.insert({
        id,
        kind: 'train',
        title: `Train ${title}`,
        subject,
        input: { model: subject, dataset: content },
        stages: [{ id: stage.id, title: stage.title, items: stage.items.length }],
        createdAt: now(this.#core),
      });
      const stored = modelFor(this.#core, { spec, key, job: id, name: title, id: subject });
      if (stored.state !== 'ready') {
        models.setJob(stored.id, id);
        models.setState(stored.id, 'training');
      }
      return stored;
    });
    this.#core.events.emit({ type: 'model.changed', model: model.id });
    const job = this.#scheduler.enqueued(id);
    return { job, model: this.get(model.id) };
  }

  rename({ model: id, name }: RouteParsed<'models.rename'>): ModelRecord {
    this.stored(id);
    this.#core.models.rename(id, name);
    this.#core.events.emit({ type: 'model.changed', model: id });
    return this.get(id);
  }

  remove(id: string): Record<string, never> {
    const { models, runs, studies, jobs, database, events } = this.#core;
    const model = this.stored(id);
    const users = [
      ...models.runsUsing(id).flatMap((run) => runs.get(run)?.name ?? []),
      ...studies
        .list()
        .filter(({ config }) => config?.datasets.some((dataset) => dataset.model === id))
        .map(({ name }) => name),
    ];
    if (users.length > 0) {
      const names = users.join(', ');
      throw conflict(`${model.name} is used by ${names}: remove these runs and studies first.`);
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
    const path = await this.#core.artifacts.open(model.artifact);
    return this.#core.exports.offer(weightsFileName(model), 'application/octet-stream', path);
  }

  /** Weights made elsewhere: checked by the engine, measured on the validation split, stored. */
  async import(
    input: Omit<RouteParsed<'models.import'>, 'upload'>,
    { name: file, path }: UploadedFile,
  ): Promise<RouteOutput<'models.import'>> {
    const { dataset, name, mean, std, leaveOutExtra } = input;
    const { engine, scratch, models, database, events } = this.#core;
    const { architecture, shape } = datasetEntry(dataset);
    for (const [field, values] of Object.entries({ mean, std })) {
      if (values && values.length !== shape[2]) {
        throw refuse(field, values, `null, or ${shape[2]} numbers, one for each channel`);
      }
    }
    if (std?.some((value) => value <= 0)) throw refuse('std', std, 'numbers above 0');
    await engine.ready();
    const { classes } = await this.#datasets.counts(dataset);
    const lane = { lane: 'interactive' } as const;
    const { artifact, adapted } = await scratch(async (outDir) => {
      const form = { inputShape: [...shape] as [number, number, number], classes };
      const request = { path, file, architecture, form, mean, std, leaveOutExtra, outDir };
      const { files, adapted } = await engine.request('import-model', request, lane);
      const sha256 = files.find((written) => written.name === 'model.safetensors')?.sha256;
      const key = artifactKey('weights', { imported: sha256 ?? '' });
      const model = 'model.safetensors';
      const artifact = await adoptFile(this.#core, outDir, files, model, 'weights', key);
      return { artifact, adapted };
    });
    const removal = trainingRemovalSchema.parse({});
    const { accuracy } = await engine.request(
      'evaluate',
      {
        ...datasetSource(this.#core, dataset),
        ...{ model: await this.#core.artifacts.open(artifact.key), split: 'validation' },
        ...{ removal, removalSeed: 0 },
      },
      lane,
    );
    const id = this.#core.newId('model');
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
        createdAt: now(this.#core),
      });
      models.finish(id, artifact.key, accuracy);
    });
    events.emit({ type: 'model.changed', model: id });
    return this.get(id);
  }

  #record(model: StoredModel): ModelRecord {
    const { dataset, removal, origin } = model;
    const stated = origin === 'trained' ? paperAccuracy(this.#core, dataset, removal.level) : null;
    // The schema leaves out what is storage's own: the model's key and its artifact's.
    return modelRecordSchema.parse({ ...model, paperAccuracy: stated });
  }
}
