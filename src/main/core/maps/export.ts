import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type NdArray } from '../../../shared/arrays';
import { canonicalJson } from '../../../shared/canonical';
import { type Split } from '../../../shared/catalogue/datasets';
import { type Method } from '../../../shared/catalogue/methods';
import { type MapParameters } from '../../../shared/catalogue/parameters';
import { valueFor } from '../../../shared/checked-reads';
import { conflict } from '../../../shared/errors';
import { decodeNpy, encodeNpy } from '../../../shared/npy';
import { concatenate } from '../artifacts/arrays';
import { type ArtifactStore } from '../artifacts/artifact-store';
import { type DatasetsService } from '../datasets/datasets-service';
import { type DatasetPlaces, datasetSource } from '../datasets/folders';
import { type EngineHost } from '../engine/engine-host';
import { manifestName } from '../export/folder/manifest';
import { type OutputFolder, type OutputSink } from '../export/folder/output-folder';
import { cheapestFirst, shardsOf } from '../jobs/costs';
import { type Context, partOf } from '../jobs/job-run';
import { type ModelsRepository } from '../models/models-repository';
import { type ModelsService } from '../models/models-service';
import { type Clock, now } from '../storage/environment';
import { type Scratch } from '../storage/scratch';
import { type MethodsService } from './methods';

interface Parts extends DatasetPlaces {
  readonly artifacts: ArtifactStore;
  readonly clock: Clock;
  readonly engine: EngineHost;
  readonly models: ModelsRepository;
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
  readonly #datasets: DatasetsService;
  readonly #methods: MethodsService;
  readonly #models: ModelsService;

  constructor(
    parts: Parts,
    services: { datasets: DatasetsService; methods: MethodsService; models: ModelsService },
  ) {
    this.#parts = parts;
    this.#datasets = services.datasets;
    this.#methods = services.methods;
    this.#models = services.models;
  }

  /** The manifest comes last. */
  async export(input: MapsExportInput, context: Context): Promise<MapsExport> {
    const { dataset, split, images, parameters, seed, out } = input;
    const { artifacts, engine } = this.#parts;
    const model = this.#models.ready(input.model ?? this.#newest(dataset));
    if (model.dataset !== dataset) {
      throw conflict(`${model.name} was trained on ${model.dataset}, not on ${dataset}.`);
    }
    const methods = this.#methods.resolve([...new Set(input.methods)]);
    await this.#datasets.requireIndices(dataset, split, images, 'images');
    await out.expect(mapsFiles(methods.map(({ id }) => id)));
    const description = await engine.ready();
    const weights = await artifacts.open(model.artifact);

    const source = { ...datasetSource(this.#parts, dataset), model: weights, split };
    const writer = new ArrayWriter(this.#parts, out, images, context);
    const same = (...names: string[]) => new Map(names.map((name) => [name, name]));
    await writer.write(same(...arrays), (part, lane) =>
      engine.request('predict', { ...source, ...part, target: parameters.target }, lane),
    );
    await writer.write(same(noise), (part, lane) =>
      engine.request('noise', { ...source, ...part, parameters, seed }, lane),
    );
    for (const { id, composition } of cheapestFirst(this.#methods.operators, methods, {
      parameters,
    })) {
      await writer.write(new Map([['map.npy', `${id}.npy`]]), (part, lane) =>
        engine.request('maps', { ...source, ...part, composition, parameters, seed }, lane),
      );
    }
    await out.addCopy(weightsFile, weights);
    const content = { ...(await this.#datasets.key(dataset)), split };
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
      model: this.#models.get(model.id),
      methods: made,
      parameters,
      seed,
      engine: description,
    });
    return { model: model.id, methods };
  }

  #newest(dataset: string): string {
    const model = this.#parts.models.newestReady(dataset);
    if (model) return model.id;
    throw conflict(`There is no model trained on ${dataset} at t = 0: train one first.`);
  }
}

type Part = { indices: number[]; outDir: string };
type Options = Context & { lane: 'batch' };

/** Runs an operation shard by shard and writes its arrays, joined along the images. */
class ArrayWriter {
  readonly #parts: Parts;
  readonly #out: OutputSink;
  readonly #shards: readonly number[][];
  readonly #context: Context;

  constructor(parts: Parts, out: OutputSink, images: readonly number[], context: Context) {
    this.#parts = parts;
    this.#out = out;
    this.#shards = shardsOf(images);
    this.#context = context;
  }

  /** @param names the engine's file names, and under which name each is written */
  async write(
    names: ReadonlyMap<string, string>,
    ask: (part: Part, options: Options) => Promise<unknown>,
  ): Promise<void> {
    const parts = new Map<string, NdArray[]>([...names.keys()].map((name) => [name, []]));
    for (const [shard, indices] of this.#shards.entries()) {
      const context = partOf(this.#context, shard, this.#shards.length);
      await this.#parts.scratch(async (outDir) => {
        await ask({ indices, outDir }, { ...context, lane: 'batch' });
        for (const [name, found] of parts) {
          found.push(decodeNpy(await readFile(join(outDir, name)), name));
        }
      });
    }
    for (const [engineName, name] of names) {
      await this.#out.add(name, encodeNpy(concatenate(valueFor(parts, engineName))));
    }
  }
}
