import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type NdArray } from '../../../shared/arrays';
import { type DatasetId, type Split } from '../../../shared/catalogue/datasets';
import { type Method } from '../../../shared/catalogue/methods';
import { type MapParameters } from '../../../shared/catalogue/parameters';
import { decodeNpy, encodeNpy } from '../../../shared/npy';
import { concatenate } from '../jobs/arrays';
import { cheapestFirst } from '../jobs/costs';
import { type Context, partOf } from '../jobs/job-run';
import { shardsOf } from '../jobs/roar/plan';
import { conflict, type Core, datasetSource, now } from './core';
import { type DatasetsService } from './datasets';
import { type MethodsService } from './methods';
import { type ModelsService } from './models';

export interface MapsExportInput {
  readonly dataset: DatasetId;
  /** Null: the newest model trained at t = 0. */
  readonly model: string | null;
  readonly split: Split;
  readonly images: readonly number[];
  readonly methods: readonly string[];
  readonly parameters: MapParameters;
  readonly seed: number;
  readonly outDir: string;
}

export interface MapsExport {
  readonly model: string;
  readonly methods: readonly Method[];
  /** Paths, the manifest last. */
  readonly files: readonly string[];
}

/** Writes maps with all that is needed to compute them again elsewhere. */
export class MapsExportService {
  readonly #core: Core;
  readonly #datasets: DatasetsService;
  readonly #methods: MethodsService;
  readonly #models: ModelsService;

  constructor(
    core: Core,
    services: { datasets: DatasetsService; methods: MethodsService; models: ModelsService },
  ) {
    this.#core = core;
    this.#datasets = services.datasets;
    this.#methods = services.methods;
    this.#models = services.models;
  }

  /** `manifest.json` comes last: where it is, the rest is whole. */
  async export(input: MapsExportInput, context: Context): Promise<MapsExport> {
    const { dataset, split, images, parameters, seed, outDir } = input;
    const { artifacts, engine } = this.#core;
    const model = this.#models.ready(input.model ?? this.#newest(dataset));
    if (model.dataset !== dataset) {
      throw conflict(`${model.name} was trained on ${model.dataset}, not on ${dataset}.`);
    }
    const methods = this.#methods.resolve([...new Set(input.methods)]);
    await this.#datasets.requireIndices(dataset, split, images, 'images');
    const description = await engine.ready();
    const weights = await artifacts.open(model.artifact);
    await mkdir(outDir, { recursive: true });
    // An earlier export's manifest would vouch for files that are about to change.
    await rm(join(outDir, 'manifest.json'), { force: true });

    const source = { ...datasetSource(this.#core, dataset), model: weights, split };
    const writer = new ArrayWriter(this.#core, outDir, images, context);
    const same = (...names: string[]) => new Map(names.map((name) => [name, name]));
    await writer.write(
      same('inputs.npy', 'labels.npy', 'targets.npy', 'logits.npy'),
      (part, lane) =>
        engine.request('predict', { ...source, ...part, target: parameters.target }, lane),
    );
    await writer.write(same('noise.npy'), (part, lane) =>
      engine.request('noise', { ...source, ...part, parameters, seed }, lane),
    );
    for (const { id, composition } of cheapestFirst(methods, { parameters })) {
      await writer.write(new Map([['map.npy', `${id}.npy`]]), (part, lane) =>
        engine.request('maps', { ...source, ...part, composition, parameters, seed }, lane),
      );
    }
    await copyFile(weights, join(outDir, 'model.safetensors'));
    const { size } = await stat(weights);
    const files = [
      ...writer.written,
      { name: 'model.safetensors', sha256: model.sha256, bytes: size },
    ];
    const manifest = {
      format: 'saliency-studio/maps/1',
      version: this.#core.version,
      createdAt: now(this.#core),
      dataset: { ...(await this.#datasets.key(dataset)), split },
      images: [...images],
      model: this.#models.get(model.id),
      methods: methods.map((method) => ({ ...method, file: `${method.id}.npy` })),
      parameters,
      seed,
      engine: description,
      files,
    };
    await writeFile(join(outDir, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
    const names = [...files.map(({ name }) => name), 'manifest.json'];
    return { model: model.id, methods, files: names.map((name) => join(outDir, name)) };
  }

  #newest(dataset: DatasetId): string {
    const model = this.#core.models.newestReady(dataset);
    if (model) return model.id;
    throw conflict(`There is no model trained on ${dataset} at t = 0: train one first.`);
  }
}

type Part = { indices: number[]; outDir: string };
type Options = Context & { lane: 'batch' };

/** Runs an operation shard by shard and writes its arrays, joined along the images. */
class ArrayWriter {
  readonly written: { name: string; sha256: string; bytes: number }[] = [];
  readonly #core: Core;
  readonly #outDir: string;
  readonly #shards: readonly number[][];
  readonly #context: Context;

  constructor(core: Core, outDir: string, images: readonly number[], context: Context) {
    this.#core = core;
    this.#outDir = outDir;
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
      await this.#core.scratch(async (outDir) => {
        await ask({ indices, outDir }, { ...context, lane: 'batch' });
        for (const [name, arrays] of parts) {
          arrays.push(decodeNpy(await readFile(join(outDir, name)), name));
        }
      });
    }
    for (const [engineName, name] of names) {
      const bytes = encodeNpy(concatenate(parts.get(engineName) ?? []));
      await writeFile(join(this.#outDir, name), bytes);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      this.written.push({ name, sha256, bytes: bytes.byteLength });
    }
  }
}
