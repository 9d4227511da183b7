import { type Method } from '../../../shared/catalogue/methods';
import { type MapParameters } from '../../../shared/catalogue/parameters';
import { valueAt } from '../../../shared/checked-reads';
import { decodeNpy } from '../../../shared/npy';
import { asFloats, rowOf } from '../artifacts/arrays';
import { type ArtifactStore } from '../artifacts/artifact-store';
import { engineKey, type KeyedModel } from '../artifacts/keys';
import { type DatasetsService } from '../datasets/datasets-service';
import { shardSize } from '../jobs/costs';
import { type EngineRequests } from '../jobs/engine-requests';
import { type ImageMap, type ImageMaps } from '../maps/image-maps';
import { type RunsRepository } from './runs-repository';

export interface SheetMapParts {
  readonly artifacts: ArtifactStore;
  readonly datasets: DatasetsService;
  readonly imageMaps: ImageMaps;
  readonly requests: EngineRequests;
  readonly runs: RunsRepository;
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
 * exploring, and the rest made now.
 */
export async function mapsForSheet(
  parts: SheetMapParts,
  of: SheetMaps,
  method: Method,
): Promise<ImageMap[]> {
  const { datasets, imageMaps, requests } = parts;
  const found = await storedMaps(parts, of, method);
  if (found.size < of.images.length) {
    const engine = engineKey(await requests.ready());
    const dataset = await datasets.key(of.dataset);
    const { model, parameters, seed } = of;
    const source = { dataset, split: 'validation' as const, model, parameters, seed, engine };
    const missing: number[] = [];
    for (const { image } of of.images) {
      if (found.has(image)) continue;
      const kept = await imageMaps.kept(source, method, image);
      if (kept) found.set(image, kept);
      else missing.push(image);
    }
    const made = missing.length > 0 ? await imageMaps.make(source, method, missing) : [];
    for (const [i, image] of missing.entries()) found.set(image, valueAt(made, i));
  }
  return of.images.flatMap(({ image }) => found.get(image) ?? []);
}

async function storedMaps(
  { artifacts, runs }: Pick<SheetMapParts, 'artifacts' | 'runs'>,
  { run, images }: SheetMaps,
  method: Method,
): Promise<Map<number, ImageMap>> {
  const found = new Map<number, ImageMap>();
  if (run === null) return found;
  for (const { shard, artifact } of runs.maps(run, method.id)) {
    const own = images.filter(({ position }) => Math.floor(position / shardSize) === shard);
    if (own.length === 0 || !(await artifacts.has(artifact))) continue;
    const maps = asFloats(decodeNpy(await artifacts.read(artifact), 'map.npy'), 'map.npy');
    for (const { image, position } of own) found.set(image, rowOf(maps, position % shardSize));
  }
  return found;
}
