import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type NdArray, toWire } from '../../../shared/arrays';
import { type Catalogues } from '../../../shared/catalogue/catalogues';
import { completeRoarSettings } from '../../../shared/catalogue/complete-settings';
import { type DatasetFacts } from '../../../shared/catalogue/datasets';
import { type MetricDescriptor } from '../../../shared/catalogue/metric';
import { recipeFields } from '../../../shared/catalogue/network';
import { type RoarInput, type RoarSettings } from '../../../shared/catalogue/roar';
import { conflict, refuse } from '../../../shared/errors';
import { type ExportFile } from '../../../shared/export-file';
import { type NewId } from '../../../shared/ids';
import { decodeNpy, encodeNpy } from '../../../shared/npy';
import { type Forecast, type RunRecord } from '../../../shared/records';
import { type RouteOutput, type RouteParsed } from '../../../shared/routes';
import { concatenate, rowOf } from '../artifacts/arrays';
import { type ArtifactStore } from '../artifacts/artifact-store';
import { type DatasetsService, requireTrainLimit } from '../datasets/datasets-service';
import { datasetSource } from '../datasets/folders';
import { requireSameDataset } from '../datasets/same-dataset';
import { type EngineHost } from '../engine/engine-host';
import { type OutputSink } from '../export/folder/output-folder';
import { type Publication } from '../export/publication';
import { shardSize } from '../jobs/costs';
import { type Events } from '../jobs/events';
import { type JobsRepository } from '../jobs/jobs-repository';
import { ledgerStages } from '../jobs/run-plan';
import { type Scheduler } from '../jobs/scheduler';
import { type MethodsService } from '../maps/methods';
import { type ModelsRepository } from '../models/models-repository';
import { type RatesService } from '../models/rates';
import { type Database } from '../storage/database';
import { type Clock, now } from '../storage/environment';
import { type InstalledFiles } from '../storage/installed-files';
import { type Scratch } from '../storage/scratch';
import { type ExportStore } from '../storage/transit/export-store';
import { type Metrics } from './metric';
import { roarOutput, roarOutputs } from './report/outputs';
import { exportMimes, type ReportArtifact, type RoarReport } from './report/report';
import { type RetrainedRepository } from './retrained-repository';
import { compareRuns, type RunComparison } from './roar-compare';
import { forecastRoar } from './roar-forecast';
import { type RoarResults } from './roar-results';
import { type RunPlans } from './roar/run-plans';
import { type RunsRepository } from './runs-repository';

interface Parts {
  readonly artifacts: ArtifactStore;
  readonly catalogues: Pick<Catalogues, 'networks' | 'metrics'>;
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
  readonly retrained: RetrainedRepository;
  readonly runs: RunsRepository;
  readonly scratch: Scratch;
  readonly version: string;
}

interface Services {
  readonly datasets: DatasetsService;
  readonly methods: MethodsService;
  readonly metrics: Metrics;
  readonly plans: RunPlans;
  readonly rates: RatesService;
  readonly results: RoarResults;
  readonly scheduler: Scheduler;
}

/** RemOve And Retrain runs: forecast, start, look at, compare, export. */
export class RoarService {
  readonly #parts: Parts;
  readonly #services: Services;

  constructor(parts: Parts, services: Services) {
    this.#parts = parts;
    this.#services = services;
  }

  /** @param assumed items, as 'stage item', that will be stored before the run begins */
  async forecast(
    input: RouteParsed<'roar.forecast'>,
    assumed?: ReadonlySet<string>,
  ): Promise<Forecast> {
    const { settings } = await this.#complete(input.settings);
    return forecastRoar(this.#parts, this.#services, settings, assumed);
  }

  async start(input: RouteParsed<'roar.start'>): Promise<RouteOutput<'roar.start'>> {
    const { settings, dataset, metric } = await this.#complete(input.settings);
    const { jobs, runs, database } = this.#parts;
    const { scheduler, results, plans } = this.#services;
    const { plan } = await plans.plan(settings, null, null);
    const [job, id] = [this.#parts.newId('job'), this.#parts.newId('run')];
    const { usual } = this.#parts.catalogues.metrics;
    const name = input.name ?? nameOf(settings, dataset, metric, usual);
    const createdAt = now(this.#parts);
    database.transaction(() => {
      jobs.insert({
        id: job,
        kind: 'roar',
        title: `ROAR: ${name}`,
        subject: id,
        input: { run: id },
        stages: ledgerStages(plan),
        createdAt,
      });
      runs.insert({ id, name, settings, job, createdAt });
    });
    this.#changed(id);
    const queued = scheduler.enqueued(job);
    return { run: results.run(id), job: queued };
  }

  list(): RunRecord[] {
    return this.#parts.runs.list();
  }

  result(id: string): Promise<RouteOutput<'roar.result'>> {
    return this.#services.results.result(id);
  }

  rename({ run: id, name }: RouteParsed<'roar.rename'>): RunRecord {
    this.#services.results.run(id);
    this.#parts.runs.rename(id, name);
    this.#changed(id);
    return this.#services.results.run(id);
  }

  remove(id: string): Record<string, never> {
    const { results, scheduler } = this.#services;
    const run = results.run(id);
    if (scheduler.isActive(run.job)) {
      throw conflict(`${run.name} is ${run.state}: cancel it first.`);
    }
    this.#parts.runs.remove(id);
    results.forget(id);
    this.#changed(id);
    return {};
  }

  /** Some of a run's images without the top pixels of one method's maps. */
  async degraded(input: RouteParsed<'roar.degraded'>): Promise<RouteOutput<'roar.degraded'>> {
    const { method, level, images: positions } = input;
    const { runs, artifacts, engine, scratch } = this.#parts;
    const run = this.#services.results.run(input.run);
    const { settings } = run;
    if (!settings.methods.includes(method)) {
      throw refuse('method', method, `one of the run's: ${settings.methods.join(', ')}`);
    }
    const content = await this.#services.datasets.key(settings.dataset);
    requireSameDataset(this.#services.datasets, run.name, runs.datasetKey(input.run), content);
    const images = runs.images(input.run);
    const chosen = positions.map((position, i) => {
      const image = images[position];
      if (!image) {
        throw refuse(
          `images.${i}`,
          position,
          `a position in the run, from 0 to ${images.length - 1}`,
        );
      }
      return { ...image, position };
    });
    const { removal } = this.#services.results.metricOf(run);
    if (!removal) throw conflict(`${run.name} removes no pixels.`);
    const ordered = removal.by === 'order';
    const stored = ordered
      ? this.#parts.retrained.orders(input.run, method, 'validation')
      : runs.maps(input.run, method);
    const shards = new Map(stored.map((row) => [row.shard, row.artifact]));
    const file = ordered ? 'orders.npy' : 'map.npy';
    const rows: NdArray[] = [];
    for (const { position } of chosen) {
      const key = shards.get(Math.floor(position / shardSize));
      if (key === undefined) throw conflict(`The maps of ${method} are not made yet.`);
      const whole = decodeNpy(await artifacts.read(key), file);
      const { shape, data } = rowOf(whole, position % shardSize);
      rows.push({ shape: [1, ...shape], data });
    }
    const pixels = await scratch(async (outDir) => {
      const path = join(outDir, file);
      await writeFile(path, encodeNpy(concatenate(rows)));
      const { fill, reduction, seed, dataset } = settings;
      const indices = chosen.map(({ image }) => image);
      await engine.request(
        'degrade',
        {
          ...datasetSource(this.#parts, dataset),
          ...{ split: 'validation', indices, level, fill, seed, outDir },
          ranking: ordered
            ? { kind: 'order', path, keep: removal.keep }
            : { kind: 'map', path, reduction },
        },
        { lane: 'interactive' },
      );
      return decodeNpy(await readFile(join(outDir, 'images.npy')), 'images.npy');
    });
    const scores = this.#services.results.scores(run);
    const row = scores
      ? scores.methods.findIndex(({ id }) => id === method) * scores.levels.length +
        scores.levels.indexOf(level)
      : -1;
    const scoreAt = (position: number) =>
      scores?.levels.includes(level) ? scores.scores[row * images.length + position] : undefined;
    return {
      indices: chosen.map(({ image }) => image),
      labels: chosen.map(({ label }) => label),
      scores: chosen.map(({ position }) => scoreAt(position) ?? null),
      pixels: toWire(pixels),
    };
  }

  async compare({ a, b }: RouteParsed<'roar.compare'>): Promise<RunComparison> {
    const { results } = this.#services;
    return compareRuns(await results.result(a), await results.result(b));
  }

  async export({ run, format }: RouteParsed<'roar.export'>): Promise<ExportFile> {
    const bytes = await roarOutput(format, await this.#report(run));
    return this.#parts.exports.put(format, exportMimes[format], bytes);
  }

  /** Every export of a finished run, the manifest last. */
  async writeOutputs(run: string, out: OutputSink): Promise<void> {
    for (const [name, bytes] of await roarOutputs(await this.#report(run))) {
      await out.add(name, bytes);
    }
  }

  async #report(id: string): Promise<RoarReport> {
    const { results, datasets } = this.#services;
    const run = results.run(id);
    const metric = results.metricOf(run);
    const scores = metric.descriptor.observation === 'image' ? results.scores(run) : null;
    if (run.state !== 'done' || (!scores && metric.descriptor.observation === 'image')) {
      throw conflict(`${run.name} is ${run.state}: it can be exported once it is done.`);
    }
    return {
      result: await results.result(id),
      metric,
      scores,
      dataset: await datasets.record(run.settings.dataset),
      full: results.full(run),
      artifacts: await this.#artifacts(run),
      version: this.#parts.version,
      paper: this.#parts.paper(),
      fonts: this.#parts.files.fonts,
    };
  }

  /** The stored files that a run names. */
  async #artifacts(run: RunRecord): Promise<ReportArtifact[]> {
    const { models, runs, retrained, artifacts } = this.#parts;
    const named: { kind: string; subject: string; key: string }[] = [];
    for (const { level, model } of runs.levels(run.id)) {
      const key = model === null ? null : models.get(model)?.artifact;
      if (key) named.push({ kind: 'model', subject: `level ${level}`, key });
    }
    for (const method of run.settings.methods) {
      for (const { artifact } of runs.maps(run.id, method)) {
        named.push({ kind: 'map', subject: method, key: artifact });
      }
      for (const split of ['train', 'validation'] as const) {
        for (const { artifact } of retrained.orders(run.id, method, split)) {
          named.push({ kind: 'order', subject: `${method}, ${split}`, key: artifact });
        }
      }
    }
    const found: ReportArtifact[] = [];
    for (const entry of named) {
      const artifact = await artifacts.get(entry.key);
      if (artifact) found.push({ ...entry, sha256: artifact.sha256, bytes: artifact.bytes });
    }
    return found;
  }

  /**
   * The settings in full, where what the schema cannot know is accepted too: the methods and networks
   * there are, and how large the dataset is.
   */
  async #complete(input: RoarInput): Promise<{
    settings: RoarSettings;
    dataset: DatasetFacts;
    metric: MetricDescriptor;
  }> {
    const { methods, datasets } = this.#services;
    const { networks, metrics } = this.#parts.catalogues;
    const { dataset: id = datasets.first() } = input;
    const about = datasets.facts(id, 'settings.dataset');
    const of = { dataset: about, networks: networks.list, metrics };
    const settings = completeRoarSettings(of, input);
    methods.resolve(settings.methods, 'settings.methods');
    methods.operators.complete(settings.parameters, 'settings.parameters');
    const dataset = await datasets.counts(id);
    const { train, validation, classes, shape, name } = dataset;
    if (settings.images > validation) {
      throw refuse('settings.images', settings.images, `a whole number from 1 to ${validation}`);
    }
    requireTrainLimit('settings.recipe.trainLimit', settings.recipe.trainLimit, train);
    const { target } = settings.parameters;
    if (typeof target === 'number' && target >= classes) {
      const accepted = `label, predicted, or a class from 0 to ${classes - 1}`;
      throw refuse('settings.parameters.target', target, accepted);
    }
    const recipe = networks.checked(
      settings.recipe,
      { inputShape: shape, classes },
      `of ${name}`,
      recipeFields('settings.recipe'),
    );
    return { settings: { ...settings, recipe }, dataset, metric: metrics.get(settings.protocol) };
  }

  #changed(run: string): void {
    this.#parts.events.emit({ type: 'run.changed', run });
  }
}

/** What a run is called until somebody names it. */
function nameOf(
  { images, levels, protocol, seed }: RoarSettings,
  { name }: DatasetFacts,
  { result }: MetricDescriptor,
  usual: MetricDescriptor,
): string {
  const how = protocol === usual.id ? '' : `, ${protocol}`;
  const along = result === 'curve' ? `, ${levels.length} levels` : '';
  return `${name}${how}, ${images} ${images === 1 ? 'image' : 'images'}${along}, seed ${seed}`;
}
