import { join } from 'node:path';
import { type NdArray } from '../../../shared/arrays';
import { type DatasetId } from '../../../shared/catalogue/datasets';
import { type Method } from '../../../shared/catalogue/methods';
import { type MapParameters } from '../../../shared/catalogue/parameters';
import { decodeNpy, encodeNpy } from '../../../shared/npy';
import { asFloats, readFloats, rowOf } from '../artifacts/arrays';
import { shardSize } from '../jobs/costs';
import { engineKey, mapKey } from '../artifacts/keys';
import { type Core, datasetSource, now } from '../core';
import { type DatasetsService } from '../datasets/datasets-service';

/** What the maps of a sheet are of. */
export interface SheetMaps {
  readonly dataset: DatasetId;
  readonly model: { readonly artifact: string; readonly sha256: string };
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
  core: Core,
  datasets: DatasetsService,
  of: SheetMaps,
  method: Method,
): Promise<NdArray<Float32Array>[]> {
  const found = new Map<number, NdArray<Float32Array>>();
  await readStored(core, of, method, found);
  const missing: { image: number; key: string }[] = [];
  if (found.size < of.images.length) {
    const engine = engineKey(await core.engine.ready());
    const dataset = await datasets.key(of.dataset);
    for (const { image } of of.images) {
      if (found.has(image)) continue;
      const images = { dataset, split: 'validation' as const, indices: [image] };
      const { parameters, seed, model } = of;
      const { composition } = method;
      const key = mapKey(images, composition, parameters, seed, model.sha256, engine);
      if (await core.artifacts.has(key)) {
        found.set(image, await readMap(core, key));
        if (!core.database.readonly) core.exploreCache.touch(key, now(core));
      } else missing.push({ image, key });
    }
  }
  if (missing.length > 0) {
    const made = await make(
      core,
      of,
      method,
      missing.map(({ image }) => image),
    );
    for (const [i, { image, key }] of missing.entries()) {
      const map = rowOf(made, i);
      if (!core.database.readonly) {
        await core.artifacts.put({ bytes: encodeNpy(map), kind: 'map', key });
        core.exploreCache.touch(key, now(core));
      }
      found.set(image, map);
    }
  }
  return of.images.flatMap(({ image }) => found.get(image) ?? []);
}

async function readStored(
  core: Core,
  { run, images }: SheetMaps,
  method: Method,
  found: Map<number, NdArray<Float32Array>>,
): Promise<void> {
  if (run === null) return;
  for (const { shard, artifact } of core.runs.maps(run, method.id)) {
    const own = images.filter(({ position }) => Math.floor(position / shardSize) === shard);
    if (own.length === 0 || !(await core.artifacts.has(artifact))) continue;
    const maps = await readMap(core, artifact);
    for (const { image, position } of own) found.set(image, rowOf(maps, position % shardSize));
  }
}

async function readMap(core: Core, key: string): Promise<NdArray<Float32Array>> {
  return asFloats(decodeNpy(await core.artifacts.read(key), 'map.npy'), 'map.npy');
}

async function make(
  core: Core,
  { dataset, model, parameters, seed }: SheetMaps,
  { composition }: Method,
  indices: number[],
): Promise<NdArray<Float32Array>> {
  const weights = await core.artifacts.open(model.artifact);
  return core.scratch(async (outDir) => {
    await core.engine.request(
      'maps',
      {
        ...datasetSource(core, dataset),
        ...{ model: weights, split: 'validation', indices, composition, parameters, seed, outDir },
      },
      { lane: 'interactive' },
    );
    return readFloats(join(outDir, 'map.npy'), 'map.npy');
  });
}
