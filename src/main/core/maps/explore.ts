import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type NdArray, toWire } from '../../../shared/arrays';
import { type Method } from '../../../shared/catalogue/methods';
import { valueAt } from '../../../shared/checked-reads';
import { type EngineDescription } from '../../../shared/engine';
import { refuse, StudioError, toErrorData } from '../../../shared/errors';
import { decodeNpy, encodeNpy } from '../../../shared/npy';
import { type ExploredImage } from '../../../shared/records';
import { type RouteOutput, type RouteParsed } from '../../../shared/routes';
import { softmax } from '../../../statistics/softmax';
import { asFloats, readFloats, rowOf } from '../artifacts/arrays';
import { type ArtifactStore } from '../artifacts/artifact-store';
import { type DatasetKey, engineKey, mapKey } from '../artifacts/keys';
import { type DatasetsService } from '../datasets/datasets-service';
import { type DatasetPlaces, datasetSource } from '../datasets/folders';
import { type EngineHost } from '../engine/engine-host';
import { cheapestFirst } from '../jobs/costs';
import { type Events } from '../jobs/events';
import { type StoredModel } from '../models/models-repository';
import { type ModelsService } from '../models/models-service';
import { type Database } from '../storage/database';
import { type Clock, now } from '../storage/environment';
import { type Scratch } from '../storage/scratch';
import { type ExploreCacheRepository } from './explore-cache';
import { type MethodsService } from './methods';

interface Parts extends DatasetPlaces {
  readonly artifacts: ArtifactStore;
  readonly clock: Clock;
  readonly database: Database;
  readonly engine: EngineHost;
  readonly events: Events;
  readonly exploreCache: ExploreCacheRepository;
  readonly scratch: Scratch;
}

type Input = RouteParsed<'maps.explore'>;

/** Bytes of maps kept for exploring; those not used for longest go first. */
const keptBytes = 256 * 2 ** 20;
/** Milliseconds between two announcements of one method's progress. */
const progressInterval = 200;

interface Exploration {
  readonly request: string;
  readonly client: string;
  readonly abort: AbortController;
}

interface Prepared {
  readonly input: Input;
  readonly model: StoredModel & { artifact: string; sha256: string };
  readonly weights: string;
  readonly methods: readonly Method[];
  readonly dataset: DatasetKey;
  readonly engine: EngineDescription;
}

/** Maps of a few images on request, between the batches of whatever else runs. */
export class ExploreService {
  readonly #parts: Parts;
  readonly #datasets: DatasetsService;
  readonly #methods: MethodsService;
  readonly #models: ModelsService;
  readonly #running = new Map<string, Exploration>();

  constructor(
    parts: Parts,
    services: { datasets: DatasetsService; methods: MethodsService; models: ModelsService },
  ) {
    this.#parts = parts;
    this.#datasets = services.datasets;
    this.#methods = services.methods;
    this.#models = services.models;
  }

  /** Answers with the images and their scores; the maps follow as events. */
  async explore(input: Input, caller: string): Promise<RouteOutput<'maps.explore'>> {
    const request = input.request ?? randomUUID();
    if (this.#running.has(request)) {
      throw refuse('request', request, 'a name that no request under way has');
    }
    // The name that a client gave itself outlives its connection.
    const client = input.request?.split('.')[0] ?? caller;
    for (const older of this.#running.values()) {
      if (older.client === client) older.abort.abort(superseded());
    }
    // Known before anything is waited for, so that a newer request finds it.
    const running = { request, client, abort: new AbortController() };
    this.#running.set(request, running);
    try {
      const prepared = await this.#prepare(input);
      running.abort.signal.throwIfAborted();
      const images = await this.#predict(prepared, running.abort.signal);
      // The answer goes out before the first map does.
      setImmediate(() => void this.#follow(prepared, running));
      return { request, images };
    } catch (error) {
      this.#running.delete(request);
      throw error;
    }
  }

  cancel(request: string): Record<string, never> {
    this.#running.get(request)?.abort.abort(superseded());
    return {};
  }

  /** Stop everything, for the end of the application. */
  close(): void {
    for (const { abort } of this.#running.values()) abort.abort(superseded());
  }

  /** Refuses what cannot be explored, then finds what the engine needs. */
  async #prepare(input: Input): Promise<Prepared> {
    const model = this.#models.ready(input.model);
    const methods = cheapestFirst(
      this.#methods.operators,
      this.#methods.resolve([...new Set(input.methods)]),
      input,
    );
    await this.#datasets.requireIndices(model.dataset, input.split, input.images, 'images');
    const parameters = this.#methods.operators.complete(input.parameters);
    const { target } = parameters;
    const { classes } = await this.#datasets.counts(model.dataset);
    if (typeof target === 'number' && target >= classes) {
      throw refuse(
        'parameters.target',
        target,
        `label, predicted, or a class from 0 to ${classes - 1}`,
      );
    }
    const engine = await this.#parts.engine.ready();
    const weights = await this.#parts.artifacts.open(model.artifact);
    const dataset = await this.#datasets.key(model.dataset);
    return { input: { ...input, parameters }, model, weights, methods, dataset, engine };
  }

  async #predict(prepared: Prepared, signal: AbortSignal): Promise<ExploredImage[]> {
    const { input, model, weights } = prepared;
    const { split, images: indices, parameters } = input;
    const [pixels, predicted] = await Promise.all([
      this.#datasets.pixels(model.dataset, split, indices),
      this.#parts.scratch(async (outDir) => {
        await this.#parts.engine.request(
          'predict',
          {
            ...datasetSource(this.#parts, model.dataset),
            model: weights,
            split,
            indices,
            target: parameters.target,
            outDir,
          },
          { lane: 'interactive', signal },
        );
        const logits = await readFloats(join(outDir, 'logits.npy'), 'logits.npy');
        const targets = decodeNpy(await readFile(join(outDir, 'targets.npy')), 'targets.npy');
        return { logits, targets };
      }),
    ]);
    const { shape, data } = pixels.images;
    const size = shape.slice(1).reduce((product, dim) => product * dim, 1);
    return indices.map((image, i) => {
      const probabilities = Array.from(softmax(rowOf(predicted.logits, i).data));
      return {
        image,
        pixels: toWire({ shape: shape.slice(1), data: data.slice(i * size, (i + 1) * size) }),
        label: valueAt(pixels.labels, i),
        predicted: probabilities.indexOf(Math.max(...probabilities)),
        target: valueAt(predicted.targets.data, i),
        probabilities,
      };
    });
  }

  /** Never rejects: what goes wrong is announced with the end. */
  async #follow(prepared: Prepared, { request, abort }: Exploration): Promise<void> {
    const { events, exploreCache, database } = this.#parts;
    let error: StudioError['data'] | null = null;
    try {
      for (const method of prepared.methods) {
        await this.#method(prepared, method, request, abort.signal);
      }
      if (!database.readonly) database.transaction(() => exploreCache.trim(keptBytes));
    } catch (thrown) {
      error = abort.signal.aborted ? superseded().data : toErrorData(thrown);
    }
    this.#running.delete(request);
    events.emit({ type: 'maps.finished', request, error });
  }

  /** What is known at once, then the rest in one request to the engine. */
  async #method(
    prepared: Prepared,
    method: Method,
    request: string,
    signal: AbortSignal,
  ): Promise<void> {
    const { input } = prepared;
    const { artifacts, clock, database, events } = this.#parts;
    const missing: { image: number; key: string }[] = [];
    for (const image of input.images) {
      signal.throwIfAborted();
      const startedAt = clock.monotonic();
      const key = this.#key(prepared, method, image);
      const kept = (await artifacts.has(key)) ? await this.#read(key) : null;
      if (!kept) missing.push({ image, key });
      else this.#ready(request, image, method.id, kept, clock.monotonic() - startedAt, true);
    }
    if (missing.length === 0) return;
    const startedAt = clock.monotonic();
    let announcedAt = startedAt;
    const maps = await this.#compute(
      prepared,
      method,
      missing.map(({ image }) => image),
      {
        signal,
        report: ({ done, total }) => {
          if (total <= 0 || clock.monotonic() - announcedAt < progressInterval) return;
          announcedAt = clock.monotonic();
          const share = Math.min(1, done / total);
          events.emit({ type: 'maps.progress', request, method: method.id, share });
        },
      },
    );
    const milliseconds = (clock.monotonic() - startedAt) / missing.length;
    for (const [i, { image, key }] of missing.entries()) {
      const map = rowOf(maps, i);
      if (!database.readonly) await artifacts.put({ bytes: encodeNpy(map), kind: 'map', key });
      this.#touch(key);
      this.#ready(request, image, method.id, map, milliseconds, false);
    }
  }

  async #compute(
    prepared: Prepared,
    method: Method,
    indices: number[],
    options: { signal: AbortSignal; report: (progress: { done: number; total: number }) => void },
  ): Promise<NdArray<Float32Array>> {
    const { input, model, weights } = prepared;
    const { split, parameters, seed } = input;
    return this.#parts.scratch(async (outDir) => {
      await this.#parts.engine.request(
        'maps',
        {
          ...datasetSource(this.#parts, model.dataset),
          model: weights,
          split,
          indices,
          composition: method.composition,
          parameters,
          seed,
          outDir,
        },
        { lane: 'interactive', ...options },
      );
      return readFloats(join(outDir, 'map.npy'), 'map.npy');
    });
  }

  #key({ input, model, dataset, engine }: Prepared, method: Method, image: number): string {
    const images = { dataset, split: input.split, indices: [image] };
    const { parameters, seed } = input;
    const { composition } = method;
    return mapKey(
      this.#methods.operators,
      images,
      composition,
      parameters,
      seed,
      model,
      engineKey(engine),
    );
  }

  /** A kept map; null where its file was damaged, which forgets it. */
  async #read(key: string): Promise<NdArray<Float32Array> | null> {
    try {
      const map = asFloats(decodeNpy(await this.#parts.artifacts.read(key), 'map.npy'), 'map.npy');
      this.#touch(key);
      return map;
    } catch (error) {
      if (error instanceof StudioError && ['corrupt-file', 'not-found'].includes(error.code))
        return null;
      throw error;
    }
  }

  #touch(key: string): void {
    if (!this.#parts.database.readonly) this.#parts.exploreCache.touch(key, now(this.#parts));
  }

  #ready(
    request: string,
    image: number,
    method: string,
    map: NdArray<Float32Array>,
    milliseconds: number,
    reused: boolean,
  ): void {
    const ready = { request, image, method, map: toWire(map), milliseconds, reused };
    this.#parts.events.emit({ type: 'maps.ready', ...ready });
  }
}

function superseded(): StudioError {
  return new StudioError({ code: 'cancelled', message: 'The maps are no longer wanted.' });
}
