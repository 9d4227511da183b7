import { randomUUID } from 'node:crypto';
import { toWire } from '../../../shared/arrays';
import { type Method } from '../../../shared/catalogue/methods';
import { valueAt } from '../../../shared/checked-reads';
import { refuse, StudioError, toErrorData } from '../../../shared/errors';
import { sliceImage } from '../../../shared/display/slice';
import { type ExploredImage } from '../../../shared/records';
import { type RouteOutput, type RouteParsed } from '../../../shared/routes';
import { sightOf } from '../../../shared/model-input';
import { softmax } from '../../../statistics/softmax';
import { asFloats, rowOf } from '../artifacts/arrays';
import { engineKey } from '../artifacts/keys';
import { type DatasetsService } from '../datasets/datasets-service';
import { cheapestFirst } from '../jobs/costs';
import { type EngineRequests } from '../jobs/engine-requests';
import { stored } from '../jobs/item-spec';
import { type Events } from '../jobs/events';
import { type ModelsService } from '../models/models-service';
import { type Clock } from '../storage/environment';
import { type ImageMap, type ImageMaps, type MapSource } from './image-maps';
import { requireOfDataset, requireOfModel } from './imported-checks';
import { type MethodsService } from './methods';
import { requireTarget } from './target';

interface Parts {
  readonly clock: Clock;
  readonly datasets: DatasetsService;
  readonly events: Events;
  readonly imageMaps: ImageMaps;
  readonly methods: MethodsService;
  readonly models: ModelsService;
  readonly requests: EngineRequests;
}

type Input = RouteParsed<'maps.explore'>;

/** Milliseconds between two announcements of one method's progress. */
const progressInterval = 200;

interface Exploration {
  readonly request: string;
  readonly client: string;
  readonly abort: AbortController;
}

interface Prepared {
  readonly input: Input;
  readonly source: MapSource;
  readonly methods: readonly Method[];
}

/** Maps of a few images on request, between the batches of whatever else runs. */
export class ExploreService {
  readonly #parts: Parts;
  readonly #running = new Map<string, Exploration>();

  constructor(parts: Parts) {
    this.#parts = parts;
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
    const { datasets, methods, models, requests } = this.#parts;
    const model = models.ready(input.model);
    const { split, seed } = input;
    const chosen = methods.resolve([...new Set(input.methods)]);
    requireOfDataset(chosen, datasets.facts(model.dataset), 'methods');
    requireOfModel(chosen, model, 'methods', model.input);
    const ordered = cheapestFirst(methods.operators, chosen, input);
    await datasets.requireIndices(model.dataset, split, input.images, 'images');
    const parameters = methods.operators.complete(input.parameters);
    const { classes } = await datasets.counts(model.dataset);
    requireTarget('parameters.target', parameters.target, model, classes);
    const engine = engineKey(await requests.ready());
    const dataset = await datasets.key(model.dataset);
    return { input, source: { dataset, split, model, parameters, seed, engine }, methods: ordered };
  }

  async #predict({ source, input }: Prepared, signal: AbortSignal): Promise<ExploredImage[]> {
    const { dataset, split, model, parameters } = source;
    const { images: indices, held } = input;
    const { datasets, requests } = this.#parts;
    const unseen = indices.filter((index) => !held.pixels.includes(index));
    const [labels, pixels, [logits, targets]] = await Promise.all([
      datasets.labels(dataset.dataset, split),
      unseen.length === 0
        ? null
        : datasets.pixels(dataset.dataset, split, unseen, sightOf(model.input)),
      requests.arrays(
        'predict',
        {
          dataset: dataset.dataset,
          model: stored(model.artifact),
          split,
          indices,
          target: parameters.target,
        },
        ['logits.npy', 'targets.npy'],
        { lane: 'interactive', signal },
      ),
    ]);
    const scores = asFloats(logits, 'logits.npy');
    return indices.map((image, i): ExploredImage => {
      const probabilities = Array.from(softmax(rowOf(scores, i).data));
      const at = unseen.indexOf(image);
      return {
        image,
        pixels: pixels && at >= 0 ? toWire(sliceImage(pixels.images, at)) : null,
        label: valueAt(labels, image),
        predicted: probabilities.indexOf(Math.max(...probabilities)),
        target: valueAt(targets.data, i),
        probabilities,
      };
    });
  }

  /** Never rejects: what goes wrong is announced with the end. */
  async #follow(prepared: Prepared, { request, abort }: Exploration): Promise<void> {
    const { events, imageMaps } = this.#parts;
    let error: StudioError['data'] | null = null;
    try {
      for (const method of prepared.methods) {
        await this.#method(prepared, method, request, abort.signal);
      }
      imageMaps.trim();
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
    const { input, source } = prepared;
    const { clock, events, imageMaps } = this.#parts;
    const missing: number[] = [];
    const held = new Set(input.held.maps[method.id]);
    for (const image of input.images) {
      if (held.has(image)) continue;
      signal.throwIfAborted();
      const startedAt = clock.monotonic();
      const kept = await imageMaps.kept(source, method, image);
      if (!kept) missing.push(image);
      else this.#ready(request, image, method.id, kept, clock.monotonic() - startedAt, true);
    }
    // Of the images that it does not cover, a method made elsewhere has none.
    if (missing.length === 0 || method.imported) return;
    const startedAt = clock.monotonic();
    let announcedAt = startedAt;
    const maps = await imageMaps.make(source, method, missing, {
      signal,
      report: ({ done, total }) => {
        if (total <= 0 || clock.monotonic() - announcedAt < progressInterval) return;
        announcedAt = clock.monotonic();
        const share = Math.min(1, done / total);
        events.emit({ type: 'maps.progress', request, method: method.id, share });
      },
    });
    const milliseconds = (clock.monotonic() - startedAt) / missing.length;
    for (const [i, image] of missing.entries()) {
      this.#ready(request, image, method.id, valueAt(maps, i), milliseconds, false);
    }
  }

  #ready(
    request: string,
    image: number,
    method: string,
    map: ImageMap,
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
