import { createHash } from 'node:crypto';
import { shapeSeen, type Sight, sightOf } from '../../../shared/model-input';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type z } from 'zod';
import { toWire } from '../../../shared/arrays';
import { canonicalJson } from '../../../shared/canonical';
import { type DatasetFacts, type Split } from '../../../shared/catalogue/datasets';
import { compositionOfMaps, importedMethodId } from '../../../shared/catalogue/methods';
import { valueAt } from '../../../shared/checked-reads';
import { type EngineFile } from '../../../shared/engine';
import { conflict, refuse } from '../../../shared/errors';
import { rangesOf } from '../../../shared/index-ranges';
import { decodeNpy, encodeNpy } from '../../../shared/npy';
import { type mapsJobSchema, type RouteOutput, type RouteParsed } from '../../../shared/routes';
import { adoptFile } from '../artifacts/adopt';
import { type ArtifactStore } from '../artifacts/artifact-store';
import { artifactKey } from '../artifacts/artifacts';
import { rowOf } from '../artifacts/arrays';
import { type DatasetKey } from '../artifacts/keys';
import { type DatasetsService } from '../datasets/datasets-service';
import { type EngineRequests } from '../jobs/engine-requests';
import { type Context, partOf } from '../jobs/job-run';
import { type ModelsRepository } from '../models/models-repository';
import { type Clock, now } from '../storage/environment';
import { type Scratch } from '../storage/scratch';
import { type UploadedFile, type UploadStore } from '../storage/transit/upload-store';
import { type ImportedRepository, type ImportedSplit } from './imported-repository';
import { type MethodsService } from './methods';
import { type MethodsRepository } from './methods-repository';
import { resolveImages } from './named-images';

interface Parts {
  readonly artifacts: ArtifactStore;
  readonly clock: Clock;
  readonly dataDir: string;
  readonly datasets: DatasetsService;
  readonly imported: ImportedRepository;
  readonly methods: MethodsService;
  readonly models: ModelsRepository;
  readonly requests: EngineRequests;
  readonly scratch: Scratch;
  readonly stored: MethodsRepository;
  readonly uploads: UploadStore;
}

export type MapsInput = z.output<typeof mapsJobSchema>;
type File = MapsInput['files'][number];

/** Maps beside their images that a look at a file shows. */
const shownSamples = 6;

interface ReadSplit {
  readonly split: Split;
  readonly images: [number, number][];
  /** Maps in each file but the last. */
  readonly block: number;
  /** In the order of the images, in a folder that is the import's. */
  readonly files: readonly EngineFile[];
  readonly folder: string;
}

/** Maps that were read and found whole, before they are stored. */
export interface ReadMaps {
  readonly content: DatasetKey;
  readonly splits: readonly ReadSplit[];
}

/** What an import comes to, to be committed with the job's item. */
export interface TakenMaps {
  readonly method: string;
  readonly artifacts: readonly string[];
  readonly commit: () => void;
}

/** Takes in the maps of any method from files. */
export class MapsImport {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** What a file holds, every value of it looked at; nothing of it is stored. */
  async inspect(
    input: Omit<RouteParsed<'methods.inspect'>, 'upload' | 'request'>,
    { path, name: file }: UploadedFile,
    context: Context,
  ): Promise<RouteOutput<'methods.inspect'>> {
    const { datasets, requests } = this.#parts;
    const { dataset, split, array } = input;
    const facts = await this.#target(input);
    const images = await resolveImages(this.#parts, dataset, split, input.images);
    return this.#withImages(images, (listed) =>
      requests.collect(
        'maps-check',
        { path, file, array, side: sideOf(facts), images: listed, samples: shownSamples },
        async ({ output: { found }, folder }) => {
          // Broken maps are told, not shown.
          const maps = decodeNpy(await readFile(join(folder, 'maps.npy')), 'maps.npy');
          const shown = [...images].sort((a, b) => a - b).slice(0, valueAt(maps.shape, 0));
          const pixels = await datasets.pixels(dataset, split, shown, facts.sight);
          const samples = shown.flatMap((image, i) => {
            const map = rowOf(maps, i);
            if (!map.data.every(Number.isFinite)) return [];
            return {
              image,
              label: valueAt(pixels.labels, i),
              pixels: toWire(rowOf(pixels.images, i)),
              map: toWire(map),
            };
          });
          return { found, samples };
        },
        { lane: 'interactive', ...context },
      ),
    );
  }

  /** What can be refused before the files are read; answers with the images that each follows, null for all. */
  async check(input: RouteParsed<'methods.import'>): Promise<(number[] | null)[]> {
    await this.#target(input);
    this.#parts.methods.requireFree(input.name);
    const all: (number[] | null)[] = [];
    for (const { split, images } of input.files) {
      const found = await resolveImages(this.#parts, input.dataset, split, images);
      all.push(images.kind === 'all' ? null : [...found]);
    }
    return all;
  }

  /** Read and check them, in blocks that stay in a folder: what was read there before is not read again. */
  async read(input: MapsInput, folder: string, context: Context): Promise<ReadMaps> {
    const { datasets } = this.#parts;
    const facts = await this.#target(input);
    const content = await datasets.key(input.dataset);
    const splits: ReadSplit[] = [];
    for (const [i, file] of input.files.entries()) {
      const part = partOf(context, i, input.files.length);
      splits.push(await this.#blocks(input, file, facts, join(folder, file.split), part));
    }
    return { content, splits };
  }

  /** Store what was read. Throws `conflict` where the same maps are here, whole, as a method. */
  async store(
    input: MapsInput,
    { content, splits }: ReadMaps,
    context: Context,
  ): Promise<TakenMaps> {
    const { artifacts, imported, methods, stored } = this.#parts;
    const hashed = splits.map(({ split, images, block, files }) => ({
      ...{ split, images, block },
      maps: files.map(({ sha256 }) => sha256),
    }));
    const hash = createHash('sha256').update(canonicalJson({ content, splits: hashed }));
    const composition = compositionOfMaps(hash.digest('hex'));
    const present = stored.ofComposition(composition);
    const method = present?.id ?? importedMethodId(composition);
    const known = input.files.map(({ split }) => imported.split(method, split));
    const isWhole = async () => {
      for (const one of known) {
        if (!one || one.artifacts.includes(null)) return false;
        for (const key of one.artifacts) {
          if (key !== null && !(await artifacts.has(key))) return false;
        }
      }
      return true;
    };
    if (present && (await isWhole())) {
      throw conflict(
        `These maps are here already, as ${present.name}${present.imported?.model == null ? '' : `, of the model ${present.imported.model}`}: nothing was imported.`,
      );
    }
    if (!present) methods.requireFree(input.name);
    const total = splits.reduce((sum, { files }) => sum + files.length, 0);
    let done = 0;
    const kept: ImportedSplit[] = [];
    for (const { split, images, block, files, folder } of splits) {
      const keys = files.map(({ sha256 }) => artifactKey('map', { imported: sha256 }));
      // The last first: where this ends early, those that are read are the first of them still.
      for (let place = files.length - 1; place >= 0; place -= 1) {
        context.signal.throwIfAborted();
        const { name } = valueAt(files, place);
        await adoptFile({ artifacts }, folder, files, name, 'map', valueAt(keys, place));
        done += 1;
        context.report({ done, total, unit: 'files' });
      }
      kept.push({ split, images, block, artifacts: keys });
    }
    const { file } = valueAt(input.files, 0);
    const { name, model, citation, dataset } = input;
    return {
      method,
      artifacts: kept.flatMap(({ artifacts: keys }) => keys.filter((key) => key !== null)),
      commit: () => {
        // Maps that were lost, or a study's from elsewhere, come back under the name that they have.
        if (!present) stored.insert({ id: method, name, composition }, now(this.#parts));
        const { files } = content;
        imported.put(method, { dataset, model, citation, file, files }, kept);
      },
    };
  }

  /** The dataset as the model sees it, once what is named with it is there. */
  async #target({
    dataset,
    model,
  }: Pick<RouteParsed<'methods.import'>, 'dataset' | 'model'>): Promise<SeenFacts> {
    const facts = await this.#parts.datasets.counts(dataset);
    if (model === null) return facts;
    const known = this.#parts.models.get(model);
    // What they have to have a value for is what the model sees.
    if (known?.dataset === dataset && known.state === 'ready') {
      const { shape } = facts;
      return { ...facts, shape: shapeSeen(shape, known.input), sight: sightOf(known.input) };
    }
    throw refuse('model', model, `null, or a finished model of ${facts.name}`);
  }

  /** One file in blocks. */
  async #blocks(
    { dataset, constant }: MapsInput,
    { path, file, split, array, images: named }: File,
    facts: DatasetFacts,
    folder: string,
    context: Context,
  ): Promise<ReadSplit> {
    const { datasets, requests } = this.#parts;
    if (named !== null) await datasets.requireIndices(dataset, split, named, 'images');
    const images =
      named === null
        ? Int32Array.from({ length: facts[split] }, (_, image) => image)
        : Int32Array.from(named);
    return this.#withImages(images, (listed) =>
      requests.collectIn(
        folder,
        'maps-import',
        { path, file, array, side: sideOf(facts), images: listed, constant },
        ({ output: { block }, files }) =>
          Promise.resolve({
            ...{ split, block, folder, files: [...files] },
            images: rangesOf(Int32Array.from(images).sort()),
          }),
        { lane: 'batch', ...context },
      ),
    );
  }

  /** Lists of images may be longer than a message. */
  #withImages<T>(images: Int32Array, work: (path: string) => Promise<T>): Promise<T> {
    return this.#parts.scratch(async (folder) => {
      const path = join(folder, 'images.npy');
      await writeFile(path, encodeNpy({ shape: [images.length], data: images }));
      return work(path);
    });
  }
}

/** Height and width of what a dataset's models see. */
/** A dataset with the shape of what a model sees of its images. */
interface SeenFacts extends DatasetFacts {
  readonly sight?: Sight | undefined;
}

const sideOf = ({ shape }: DatasetFacts): [number, number] => [shape[0], shape[1]];
