import { valueAt } from '../../shared/checked-reads';
import { type EngineProgress } from '../../shared/engine';
import { type FoundMaps, namedMaps } from '../../shared/foreign-maps';
import { withFile } from '../models/byte-source';
import { breathe } from '../runtime/cancel';
import { withRows } from './map-rows';
import { openArray } from './open-array';
import { refusalsOf } from './refusals';

export interface MapsRequest {
  readonly path: string;
  /** What the person knows the file by. */
  readonly file: string;
  /** Which array of an `.npz`; null: the only one. */
  readonly array: string | null;
  /** Height and width of what the model sees. */
  readonly side: readonly [number, number];
  /** The images that the first axis follows, as indices into the split, each once. */
  readonly images: ArrayLike<number>;
  /** A folder for what has to be unpacked or turned first; nothing of it stays. */
  readonly scratch: string;
  readonly signal?: AbortSignal | undefined;
  readonly report?: (progress: EngineProgress) => void;
  /** Maps that an earlier reading has handed on, whole blocks of them, and what it found in them. */
  readonly resume?: { readonly done: number; readonly found: FoundMaps };
  /** Called once the shape is right: height, width and channels, and how many maps are to be read. */
  readonly begin?: (shape: readonly [number, number, number], left: number) => Promise<void>;
}

/** Maps of some images, ascending. */
export interface MapBlock {
  /** Of its first map among all. */
  readonly from: number;
  /** float32 [n, H, W, C]; C is 1 where the file has one value a pixel. */
  readonly shape: readonly [number, number, number, number];
  readonly data: Float32Array;
}

/** Bytes of maps that are handed on at once. */
const blockBytes = 4 * 2 ** 20;

/** Maps in a block: what determines it is their shape alone, so that equal maps make equal blocks. */
export const mapsInBlock = (values: number): number =>
  Math.max(1, Math.floor(blockBytes / (4 * values)));

/**
 * Read the maps of any method, [N, H, W] or [N, H, W, C], in the order of their images' indices, whatever
 * order the file has them in, and look at every value. Memory does not grow with the file.
 *
 * @param take a block of maps at a time, to be kept or not, with what was found up to its end
 * @returns what is in the file, with its broken and its constant maps
 * @throws StudioError `corrupt-file` for a file that NumPy did not write; `invalid-input` for other shapes,
 *   sides and counts than asked for; `cancelled`
 */
export async function readMaps(
  request: MapsRequest,
  take: (block: MapBlock, found: FoundMaps) => Promise<void>,
): Promise<FoundMaps> {
  const { file, images, signal, report } = request;
  return withFile(request.path, async (source) => {
    const array = await openArray(source, file, request.array);
    const { shape } = array.header;
    const [height, width, channels] = mapShape(shape, request);
    const { done: before = 0, found: known } = request.resume ?? {};
    const found: FoundMaps = known ?? {
      array: array.name,
      arrays: [...array.names],
      type: array.type.label,
      shape: [...shape],
      brokenMaps: 0,
      broken: [],
      constantMaps: 0,
      constant: [],
    };
    const total = images.length;
    const order = Uint32Array.from({ length: total }, (_, i) => i).sort(
      (a, b) => valueAt(images, a) - valueAt(images, b),
    );
    const values = height * width * channels;
    const perBlock = mapsInBlock(values);
    const isByPixel = shape.length === 3;
    await request.begin?.([height, width, channels], total - before);
    if (before >= total) return found;
    const making = (done: number, of: number) => report?.({ done, total: of, unit: 'bytes' });
    return withRows(array, { ...request, report: making }, async (rows) => {
      for (let from = before; from < total; from += perBlock) {
        const count = Math.min(perBlock, total - from);
        const data = gather(rows, order.subarray(from, from + count), values);
        for (let i = 0; i < count; i += 1) {
          const image = valueAt(images, valueAt(order, from + i));
          lookAt(found, data.subarray(i * values, (i + 1) * values), {
            image,
            width,
            channels,
            isByPixel,
          });
        }
        await take({ from, shape: [count, height, width, channels], data }, found);
        report?.({ done: from + count, total, unit: 'maps', ...(before > 0 && { before }) });
        await breathe(signal);
      }
      return found;
    });
  });
}

/** Height, width and channels of the maps, which are those that were asked for. */
function mapShape(
  shape: readonly number[],
  { file, side, images }: MapsRequest,
): [number, number, number] {
  const { refused } = refusalsOf(file);
  const stated = `[${shape.join(', ')}]`;
  const [count = 0, height = 0, width = 0, channels = 1] = shape;
  if (shape.length !== 3 && shape.length !== 4) {
    throw refused(
      `has shape ${stated}; accepted are [N, H, W], one value a pixel, and [N, H, W, C], raw attributions`,
    );
  }
  if (height !== side[0] || width !== side[1]) {
    const turned = shape.length === 4 && width === side[0] && channels === side[1];
    const hint = turned ? '. Channels come last: numpy.moveaxis(maps, 1, -1) puts them there' : '';
    throw refused(
      `has maps of ${height} x ${width} pixels, shape ${stated}; the model sees ${side[0]} x ${side[1]}, and maps are never resized${hint}`,
    );
  }
  if (channels < 1 || channels > 64) {
    throw refused(`has ${channels} channels, shape ${stated}; accepted are 1 to 64`);
  }
  if (count !== images.length) {
    throw refused(
      `has ${count.toLocaleString('en')} maps, shape ${stated}, for ${images.length.toLocaleString('en')} named images: the first axis follows the images, one map each`,
      'images',
    );
  }
  return [height, width, channels];
}

/** Maps at these places of the file; neighbours are read together. */
function gather(
  rows: { read(from: number, to: number): Float32Array },
  places: Uint32Array,
  values: number,
): Float32Array {
  const data = new Float32Array(places.length * values);
  let at = 0;
  while (at < places.length) {
    let to = at + 1;
    while (to < places.length && valueAt(places, to) === valueAt(places, to - 1) + 1) to += 1;
    const first = valueAt(places, at);
    data.set(rows.read(first, first + to - at), at * values);
    at = to;
  }
  return data;
}

/** Writes down whether a map is broken or constant. */
function lookAt(
  found: FoundMaps,
  map: Float32Array,
  of: {
    readonly image: number;
    readonly width: number;
    readonly channels: number;
    readonly isByPixel: boolean;
  },
): void {
  const { image, width, channels, isByPixel } = of;
  const broken = firstBroken(map);
  if (broken >= 0) {
    found.brokenMaps += 1;
    if (found.broken.length >= namedMaps) return;
    const pixel = Math.floor(broken / channels);
    found.broken.push({
      image,
      row: Math.floor(pixel / width),
      column: pixel % width,
      channel: isByPixel ? null : broken % channels,
      value: String(map[broken]),
    });
    return;
  }
  if (!isConstant(map, channels)) return;
  found.constantMaps += 1;
  if (found.constant.length < namedMaps) found.constant.push(image);
}

// Millions of values: plain loops take a fraction of the time of callbacks.

function firstBroken(map: Float32Array): number {
  for (let i = 0; i < map.length; i += 1) if (!Number.isFinite(map[i])) return i;
  return -1;
}

function isConstant(map: Float32Array, channels: number): boolean {
  for (let i = channels; i < map.length; i += 1) if (map[i] !== map[i - channels]) return false;
  return true;
}
