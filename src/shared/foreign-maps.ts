import { z } from 'zod';
import { counted, formatCount } from './format/counts';

/** What a file of maps holds that was made elsewhere, every value of it read. */
export const foundMapsSchema = z.object({
  /** In an `.npz`; null: the file is the array. */
  array: z.string().nullable(),
  /** Of an `.npz`, for choosing. */
  arrays: z.array(z.string()),
  /** As a person says it: 'float32, big endian'. */
  type: z.string(),
  /** [N, H, W] or [N, H, W, C]. */
  shape: z.array(z.int()),
  /** How many maps hold a value that is no finite number. */
  brokenMaps: z.int(),
  /** The first such value of the first of them. */
  broken: z.array(
    z.object({
      /** Index into the split. */
      image: z.int(),
      row: z.int(),
      column: z.int(),
      /** Null where there is one value a pixel. */
      channel: z.int().nullable(),
      /** `NaN`, `Infinity` or `-Infinity`. */
      value: z.string(),
    }),
  ),
  /** How many maps have the same values everywhere, which say nothing and cannot be ranked. */
  constantMaps: z.int(),
  /** The images of the first of them. */
  constant: z.array(z.int()),
});
export type FoundMaps = z.output<typeof foundMapsSchema>;

/** `3 maps of 28 x 28, one value a pixel, float32.` */
export function foundInWords({ shape, type }: FoundMaps): string {
  const [count = 0, height, width, channels] = shape;
  const each = channels === undefined ? 'one value a pixel' : `${channels} values a pixel`;
  return `${counted(count, 'map')} of ${height} x ${width}, ${each}, ${type}.`;
}

/** Of broken and constant maps, how many are named. */
export const namedMaps = 20;

/** Broken maps in a clause that goes on from the file's name; null where all are whole. */
export function brokenWords({ broken, brokenMaps }: FoundMaps): string | null {
  if (brokenMaps === 0) return null;
  const some = broken.slice(0, 5).map(({ image, row, column, channel, value }) => {
    const where = channel === null ? '' : `, channel ${channel}`;
    return `image ${image}: ${value} at row ${row}, column ${column}${where}`;
  });
  return `holds values that are no finite numbers in ${listed(some, brokenMaps, 'map')}: mend the file`;
}

/** The same of constant maps. */
export function constantWords({ constant, constantMaps }: FoundMaps): string | null {
  if (constantMaps === 0) return null;
  const some = constant.slice(0, namedMaps).map((image) => `image ${image}`);
  return `has the same values at every pixel in ${listed(some, constantMaps, 'map')}, so that their pixels cannot be ranked`;
}

const listed = (some: readonly string[], count: number, what: string): string => {
  const more = count - some.length;
  const rest = more > 0 ? ` and ${formatCount(more)} more` : '';
  return `${counted(count, what)} (${some.join('; ')}${rest})`;
};
