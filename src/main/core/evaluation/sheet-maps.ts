import { join } from 'node:path';
import { type NdArray } from '../../../shared/arrays';
import { type Catalogues } from '../../../shared/catalogue/catalogues';
import { type Method } from '../../../shared/catalogue/methods';
import { type MapParameters } from '../../../shared/catalogue/parameters';
import { decodeNpy, encodeNpy } from '../../../shared/npy';
import { asFloats, readFloats, rowOf } from '../artifacts/arrays';
import { type ArtifactStore } from '../artifacts/artifact-store';
import { engineKey, type KeyedModel, mapKey } from '../artifacts/keys';
import { type DatasetsService } from '../datasets/datasets-service';
import { datasetSource } from '../datasets/folders';
import { type EngineHost } from '../engine/engine-host';
import { shardSize } from '../jobs/costs';
import { type ExploreCacheRepository } from '../maps/explore-cache';
import { type Database } from '../storage/database';
import { type Clock, now } from '../storage/environment';
import { type InstalledFiles } from '../storage/installed-files';
import { type Scratch } from '../storage/scratch';
import { type RunsRepository } from './runs-repository';
import { type OperatorCatalogue } from '../../../shared/catalogue/operator-catalogue';

interface Parts {
  readonly artifacts: ArtifactStore;
  readonly catalogues: Pick<Catalogues, 'datasets'>;
  readonly clock: Clock;
  readonly dataDir: string;
  readonly database: Database;
  readonly engine: EngineHost;
  readonly exploreCache: ExploreCacheRepository;
  readonly files: InstalledFiles;
  readonly runs: RunsRepository;
  readonly scratch: Scratch;
}

/** What the maps of a sheet are of. */
export interface SheetMaps {
  readonly dataset: string;
  readonly model: KeyedModel & { readonly artifact: string };
  /** The run that may have stored them; null: none. */
  readonly run: string | null;
  readonly parameters: MapParameters;
  readonly seed: number;
  readonly images: readonly {
    /** Index into the validation split. */
    readonly image: number;
    /** Its place in the run. */
    readonly position: number;
  }[];
}

/**
 * One method's maps, float32 [H, W, C] each: those that the run stored, those that were made for
 * exploring, and the rest made now and, where anything can be, kept among those.
 */
export async function mapsForSheet(
  parts: Parts,
  operators: OperatorCatalogue,
  datasets: DatasetsService,
  of: SheetMaps,
  method: Method,
): Promise<NdArray<Float32Array>[]> {
  const found = new Map<number, NdArray<Float32Array>>();
  await readStored(parts, of, method, found);
  const missing: { image: number; key: string }[] = [];
  if (found.size < of.images.length) {
    const engine = engineKey(await parts.engine.ready());
    const dataset = await datasets.key(of.dataset);
    for (const { image } of of.images) {
      if (found.has(image)) continue;
      const images = { dataset, split: 'validation' as const, indices: [image] };
      const { parameters, seed, model } = of;
      const { composition } = method;
      const key = mapKey(operators, images, composition, parameters, seed, model, engine);
      if (await parts.artifacts.has(key)) {
        found.set(image, await readMap(parts, key));
        if (!parts.database.readonly) parts.exploreCache.touch(key, now(parts));
      } else missing.push({ image, key });
    }
  }
  if (missing.length > 0) {
    const made = await make(
      parts,
      of,
      method,
      missing.map(({ image }) => image),
    );
    for (const [i, { image, key }] of missing.entries()) {
      const map = rowOf(made, i);
      if (!parts.database.readonly) {
        await parts.artifacts.put({ bytes: encodeNpy(map), kind: 'map', key });
        parts.exploreCache.touch(key, now(parts));
      }
      found.set(image, map);
    }
  }
  return of.images.flatMap(({ image }) => found.get(image) ?? []);
}

async function readStored(
  parts: Pick<Parts, 'artifacts' | 'runs'>,
  { run, images }: SheetMaps,
  method: Method,
  found: Map<number, NdArray<Float32Array>>,
): Promise<void> {
  if (run === null) return;
  for (const { shard, artifact } of parts.runs.maps(run, method.id)) {
    const own = images.filter(({ position }) => Math.floor(position / shardSize) === shard);
    if (own.length === 0 || !(await parts.artifacts.has(artifact))) continue;
    const maps = await readMap(parts, artifact);
    for (const { image, position } of own) found.set(image, rowOf(maps, position % shardSize));
  }
}

async function readMap(
  parts: Pick<Parts, 'artifacts'>,
  key: string,
): Promise<NdArray<Float32Array>> {
  return asFloats(decodeNpy(await parts.artifacts.read(key), 'map.npy'), 'map.npy');
}

async function make(
  parts: Pick<Parts, 'artifacts' | 'catalogues' | 'dataDir' | 'engine' | 'files' | 'scratch'>,
  { dataset, model, parameters, seed }: SheetMaps,
  { composition }: Method,
  indices: number[],
): Promise<NdArray<Float32Array>> {
  const weights = await parts.artifacts.open(model.artifact);
  return parts.scratch(async (outDir) => {
    await parts.engine.request(
      'maps',
      {
        ...datasetSource(parts, dataset),
        ...{ model: weights, split: 'validation', indices, composition, parameters, seed, outDir },
      },
      { lane: 'interactive' },
    );
    return readFloats(join(outDir, 'map.npy'), 'map.npy');
  });
}
