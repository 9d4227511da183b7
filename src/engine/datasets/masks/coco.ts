import { JSONParser, TokenType } from '@streamparser/json';
import { z } from 'zod';
import { valueAt } from '../../../shared/checked-reads';
import { reasonOf, StudioError } from '../../../shared/errors';
import { breathe } from '../../runtime/cancel';
import { refusal } from '../refusal';
import { type Box, type BoxedImage } from './boxes';
import { type Size } from './mask';

/** Bytes of a list of boxes: what COCO publishes has half a gigabyte, most of it outlines. */
export const maxCocoBytes = 4 * 2 ** 30;
/** Boxes that are taken in: where they are is in memory. COCO has a fifth of them. */
const maxBoxes = 4_000_000;
/** What of one image, box or class the parser holds until it ends: an outline has thousands of numbers. */
const maxDepth = 16;
const maxTokens = 1_000_000;
const maxTokenBytes = 64 * 2 ** 20;

const idSchema = z.union([z.int(), z.string()]);
const imageSchema = z.object({
  id: idSchema,
  file_name: z.string(),
  width: z.number().positive(),
  height: z.number().positive(),
});
const annotationSchema = z.object({
  image_id: idSchema,
  bbox: z.tuple([z.number(), z.number(), z.number(), z.number()]),
  category_id: idSchema.optional(),
});
const categorySchema = z.object({ id: idSchema, name: z.string() });

type Id = z.output<typeof idSchema>;

const lists = ['images', 'annotations', 'categories'] as const;
type ListName = (typeof lists)[number];

/**
 * Boxes as COCO has them, all in one JSON: [left, top, width, height] from the upper left corner, fractions
 * allowed. Outlines are passed over as they come: memory grows with the boxes alone. Images without a box have
 * no mask.
 *
 * @param name of the file, for refusals
 * @returns by the images' `file_name`
 * @throws StudioError `corrupt-file` naming the file and what of it is not as it should be; `cancelled`
 */
export async function readCoco(
  name: string,
  pieces: AsyncIterable<Uint8Array>,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, BoxedImage>> {
  const coco = new Coco(name);
  // A list that is asked for as a whole would be kept as a whole.
  const paths = lists.map((list) => `$.${list}.*`);
  const parser = new JSONParser({ paths, keepStack: false });
  parser.onValue = ({ value, key, stack }) => {
    const list = lists.find((each) => each === stack[1]?.key);
    if (list) coco.add(list, key, value);
  };
  const bounds = new Bounds(name);
  parser.onToken = ({ token }) => bounds.token(token);
  try {
    for await (const piece of textPieces(name, pieces)) {
      bounds.bytes(piece.length);
      parser.write(piece);
      await breathe(signal);
    }
    if (!parser.isEnded) parser.end();
  } catch (error) {
    if (error instanceof StudioError) throw error;
    throw refusal(name, `it is no JSON (${reasonOf(error)})`, error);
  }
  return coco.boxed();
}

/** Refuses what would be held as a whole and is too large: hostile lists, for others do not come near. */
class Bounds {
  readonly #name: string;
  #depth = 0;
  #tokens = 0;
  #bytes = 0;

  constructor(name: string) {
    this.#name = name;
  }

  /** Of what is parsed next. */
  bytes(count: number): void {
    this.#bytes += count;
    if (this.#bytes > maxTokenBytes) throw refusal(this.#name, 'it has a value of over 64 MiB');
  }

  token(token: TokenType): void {
    this.#bytes = 0;
    if (token === TokenType.LEFT_BRACE || token === TokenType.LEFT_BRACKET) this.#depth += 1;
    if (token === TokenType.RIGHT_BRACE || token === TokenType.RIGHT_BRACKET) this.#depth -= 1;
    if (this.#depth > maxDepth) {
      throw refusal(this.#name, `its values are nested more than ${maxDepth} deep`);
    }
    // Two deep are the lists, whose items end there.
    this.#tokens = this.#depth > 2 ? this.#tokens + 1 : 0;
    if (this.#tokens > maxTokens) {
      throw refusal(
        this.#name,
        `one of its items has over ${maxTokens.toLocaleString('en')} values`,
      );
    }
  }
}

/** Boxes, of which millions take little memory. */
class BoxList {
  #numbers = new Float64Array(4 * 1024);
  readonly #images: Id[] = [];
  readonly #categories: (Id | null)[] = [];

  get length(): number {
    return this.#images.length;
  }

  add(bbox: readonly number[], image: Id, category: Id | null): void {
    const at = 4 * this.length;
    if (at === this.#numbers.length) {
      const larger = new Float64Array(2 * at);
      larger.set(this.#numbers);
      this.#numbers = larger;
    }
    this.#numbers.set(bbox, at);
    this.#images.push(image);
    this.#categories.push(category);
  }

  image(i: number): Id {
    return valueAt(this.#images, i);
  }

  /** @param names of the categories */
  box(i: number, names: ReadonlyMap<Id, string>): Box {
    const [left, top, width, height] = [0, 1, 2, 3].map((part) =>
      valueAt(this.#numbers, 4 * i + part),
    ) as [number, number, number, number];
    const category = valueAt(this.#categories, i);
    const name = category === null ? null : (names.get(category) ?? null);
    return { name, left, top, width, height };
  }
}

/** The boxes of an image, made when they are asked for. */
class ListedImage implements BoxedImage {
  readonly size: Size | null;
  readonly #own: readonly number[];
  readonly #boxes: BoxList;
  readonly #names: ReadonlyMap<Id, string>;

  constructor(
    size: Size | null,
    own: readonly number[],
    boxes: BoxList,
    names: ReadonlyMap<Id, string>,
  ) {
    this.size = size;
    this.#own = own;
    this.#boxes = boxes;
    this.#names = names;
  }

  get boxes(): readonly Box[] {
    return this.#own.map((i) => this.#boxes.box(i, this.#names));
  }
}

/** What has been read of a list. */
class Coco {
  readonly #name: string;
  readonly #images = new Map<Id, z.output<typeof imageSchema>>();
  readonly #names = new Map<Id, string>();
  /** Images and classes may come behind them. */
  readonly #boxes = new BoxList();

  constructor(name: string) {
    this.#name = name;
  }

  add(list: ListName, index: unknown, value: unknown): void {
    const place = `${list}.${String(index)}`;
    if (typeof index !== 'number') throw this.#noBoxes(list, 'it is no list');
    if (list === 'images') {
      const image = this.#parsed(imageSchema, place, value);
      if (this.#images.has(image.id)) {
        throw refusal(this.#name, 'two of its images have the same id');
      }
      this.#images.set(image.id, image);
    } else if (list === 'categories') {
      const { id, name } = this.#parsed(categorySchema, place, value);
      this.#names.set(id, name);
    } else {
      if (index >= maxBoxes) {
        throw refusal(this.#name, `it has over ${maxBoxes.toLocaleString('en')} boxes`);
      }
      const { image_id, category_id = null, bbox } = this.#parsed(annotationSchema, place, value);
      this.#boxes.add(bbox, image_id, category_id);
    }
  }

  boxed(): ReadonlyMap<string, BoxedImage> {
    if (this.#boxes.length === 0) {
      throw this.#noBoxes(this.#images.size === 0 ? 'images' : 'annotations', 'there is none');
    }
    const found = new Map<string, number[]>();
    const sizes = new Map<string, Size>();
    for (let i = 0; i < this.#boxes.length; i += 1) {
      const id = this.#boxes.image(i);
      const image = this.#images.get(id);
      if (!image) throw refusal(this.#name, `annotations.${i}.image_id is ${id}, no image of it`);
      const place = image.file_name.replaceAll('\\', '/').replace(/^(\.\/)+/, '');
      const own = found.get(place);
      if (own) own.push(i);
      else {
        found.set(place, [i]);
        sizes.set(place, { width: image.width, height: image.height });
      }
    }
    const boxed = new Map<string, BoxedImage>();
    for (const [place, own] of found) {
      boxed.set(place, new ListedImage(sizes.get(place) ?? null, own, this.#boxes, this.#names));
    }
    return boxed;
  }

  #parsed<S extends z.ZodType>(schema: S, place: string, value: unknown): z.output<S> {
    const result = schema.safeParse(value);
    if (result.success) return result.data;
    const [issue] = result.error.issues;
    const path = (issue?.path ?? []).map((step) => `.${String(step)}`).join('');
    throw this.#noBoxes(`${place}${path}`, issue?.message ?? '');
  }

  #noBoxes(place: string, why: string) {
    return refusal(
      this.#name,
      `it has no COCO boxes: ${place}: ${why}; accepted: images with id, file_name, width and height, and annotations with image_id and bbox [left, top, width, height]`,
    );
  }
}

/** Text as it is parsed: UTF-8 as its bytes, each looked at, and UTF-16 decoded. */
async function* textPieces(
  name: string,
  pieces: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array | string> {
  let decoder: TextDecoder | null = null;
  const decode = (piece: Uint8Array, last = false): string => {
    try {
      return decoder?.decode(piece, { stream: !last }) ?? '';
    } catch (error) {
      throw refusal(name, `its bytes are not ${decoder?.encoding.toUpperCase()} throughout`, error);
    }
  };
  for await (let piece of pieces) {
    if (!decoder) {
      const [a, b, c] = piece;
      const wide =
        a === 0xff && b === 0xfe ? 'utf-16le' : a === 0xfe && b === 0xff ? 'utf-16be' : null;
      decoder = new TextDecoder(wide ?? 'utf-8', { fatal: true });
      if (a === 0xef && b === 0xbb && c === 0xbf) piece = piece.subarray(3);
    }
    const text = decode(piece);
    yield decoder.encoding === 'utf-8' ? piece : text;
  }
  const text = decode(new Uint8Array(0), true);
  if (decoder !== null && decoder.encoding !== 'utf-8') yield text;
}
