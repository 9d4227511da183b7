import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { dtypeOf } from '../../../shared/arrays';
import { canonicalJson } from '../../../shared/canonical';
import { type Split } from '../../../shared/catalogue/datasets';
import { type Method } from '../../../shared/catalogue/methods';
import { type MapParameters } from '../../../shared/catalogue/parameters';
import { conflict } from '../../../shared/errors';
import { npyHead, npyValues } from '../../../shared/npy';
import { manifestName } from '../export/folder/manifest';
import { type OutputFolder, type OutputSink } from '../export/folder/output-folder';
import { cheapestFirst, shardsOf } from '../jobs/costs';
import { type EngineRequests, type RequestInput } from '../jobs/engine-requests';
import { stored } from '../jobs/item-spec';
import { type Context, partOf } from '../jobs/job-run';
import { type WeightsParts, writeWeights } from '../models/exported-weights';
import { type ModelsService } from '../models/models-service';
import { type Clock, now } from '../storage/environment';
import { type Scratch } from '../storage/scratch';
import { requireEvery, requireOfDataset, requireOfModel } from './imported-checks';
import { type ImportedMaps, npyPieces } from './imported-maps';
import { type MethodsService } from './methods';
import { requireTarget } from './target';

interface Parts extends WeightsParts {
  readonly clock: Clock;
  readonly importedMaps: ImportedMaps;
  readonly methods: MethodsService;
  readonly models: ModelsService;
  readonly requests: EngineRequests;
  readonly scratch: Scratch;
  readonly version: string;
}

export interface MapsExportInput {
  readonly dataset: string;
  /** Null: the newest model trained at t = 0. */
  readonly model: string | null;
  readonly split: Split;
  readonly images: readonly number[];
  readonly methods: readonly string[];
  readonly parameters: MapParameters;
  readonly seed: number;
  readonly out: OutputFolder;
}

export interface MapsExport {
  readonly model: string;
  readonly methods: readonly Method[];
}

const arrays = ['inputs.npy', 'labels.npy', 'targets.npy', 'logits.npy'] as const;
const [noise, weightsFile] = ['noise.npy', 'model.safetensors'] as const;

/** The files of an export of these methods. */
const mapsFiles = (methods: readonly string[]): string[] => [
  ...arrays,
  noise,
  ...methods.map((id) => `${id}.npy`),
  weightsFile,
  manifestName,
];

/** Writes maps with all that is needed to compute them again elsewhere. */
export class MapsExportService {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** The manifest comes last. */
  async export(input: MapsExportInput, context: Context): Promise<MapsExport> {
    const { dataset, split, images, parameters, seed, out } = input;
    const { datasets, methods: known, models, requests, scratch } = this.#parts;
    const model = input.model === null ? models.newest(dataset) : models.ready(input.model);
    if (!model)
      throw conflict(`There is no model trained on ${dataset} at t = 0: train one first.`);
    if (model.dataset !== dataset) {
      throw conflict(`${model.name} was trained on ${model.dataset}, not on ${dataset}.`);
    }
    const methods = known.resolve([...new Set(input.methods)]);
    await datasets.requireIndices(dataset, split, images, 'images');
    const counts = await datasets.counts(dataset);
    requireTarget('parameters.target', parameters.target, model, counts.classes);
    const { importedMaps } = this.#parts;
    requireOfDataset(methods, counts, 'methods');
    requireOfModel(methods, model, 'methods', model.input);
    requireEvery(importedMaps, methods, split, images, 'methods', 'all of the images');
    for (const method of methods) {
      if (method.imported) await importedMaps.requireWhole(method, split, images, 'read');
    }
    await out.expect(mapsFiles(methods.map(({ id }) => id)));
    const description = await requests.ready();

    const source = { dataset, model: stored(model.artifact), split };
    const writer = new ArrayWriter(requests, out, images, context);
    const { target } = parameters;
    await writer.write('predict', arrays, arrays, (indices) => ({ ...source, indices, target }));
    await writer.write('noise', [noise], [noise], (indices) => ({
      ...source,
      indices,
      parameters,
      seed,
    }));
    const content = { ...(await datasets.key(dataset)), split };
    for (const method of cheapestFirst(known.operators, methods, { parameters })) {
      const { id, composition } = method;
      if (method.imported) {
        const { files } = content;
        const of = { dataset: { dataset, files }, split, indices: images };
        const pieces = npyPieces(images.length, importedMaps.pieces(method, of), context.signal);
        await out.addPieces([`${id}.npy`], async (write) => {
          for await (const piece of pieces) await write(0, piece);
        });
        continue;
      }
      await writer.write('maps', ['map.npy'], [`${id}.npy`], (indices) => ({
        ...source,
        indices,
        composition,
        parameters,
        seed,
      }));
    }
    await scratch(async (folder) => {
      const weights = join(folder, weightsFile);
      await writeWeights(this.#parts, model, weights);
      await out.addCopy(weightsFile, weights);
    });
    const made = methods.map((method) => ({ ...method, file: `${method.id}.npy` }));
    const what = { content, images: [...images], model: model.sha256, methods: made };
    const hash = createHash('sha256').update(canonicalJson({ ...what, parameters, seed }));
    await out.addManifest({
      format: 'saliency-studio/maps/1',
      result: {
        kind: 'maps',
        id: `maps_${hash.digest('hex').slice(0, 16)}`,
        name: `${images.length} images, ${methods.length} methods, ${model.name}`,
      },
      version: this.#parts.version,
      createdAt: now(this.#parts),
      dataset: content,
      images: [...images],
      model: models.get(model.id),
      methods: made,
      parameters,
      seed,
      engine: description,
    });
    return { model: model.id, methods };
  }
}

type ArrayOperation = 'predict' | 'noise' | 'maps';

/** Runs an operation shard by shard and writes its arrays, joined along the images, a shard in memory. */
class ArrayWriter {
  readonly #requests: EngineRequests;
  readonly #out: OutputSink;
  readonly #shards: readonly number[][];
  readonly #context: Context;

  constructor(
    requests: EngineRequests,
    out: OutputSink,
    images: readonly number[],
    context: Context,
  ) {
    this.#requests = requests;
    this.#out = out;
    this.#shards = shardsOf(images);
    this.#context = context;
  }

  /**
   * @param names the engine's file names
   * @param written under which name each is written
   */
  async write<K extends ArrayOperation>(
    operation: K,
    names: readonly string[],
    written: readonly string[],
    inputOf: (indices: number[]) => RequestInput<K>,
  ): Promise<void> {
    const rows = this.#shards.reduce((sum, { length }) => sum + length, 0);
    await this.#out.addPieces(written, async (write) => {
      for (const [shard, indices] of this.#shards.entries()) {
        const { signal, report } = partOf(this.#context, shard, this.#shards.length);
        const options = { lane: 'batch', signal, report } as const;
        const made = await this.#requests.arrays(operation, inputOf(indices), names, options);
        for (const [i, { shape, data }] of made.entries()) {
          if (shard === 0) await write(i, npyHead(dtypeOf(data), [rows, ...shape.slice(1)]));
          await write(i, npyValues(data));
        }
      }
    });
  }
}
