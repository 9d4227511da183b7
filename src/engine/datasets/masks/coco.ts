import { z } from 'zod';
import { decodeText } from '../../../shared/text-encoding';
import { refusal } from '../refusal';
import { type Box, type BoxedImage } from './boxes';

/** Bytes of a list of boxes: half a million boxes without outlines (`segmentation`) have fewer. */
export const maxCocoBytes = 128 * 2 ** 20;

const idSchema = z.union([z.int(), z.string()]);
const listSchema = z.object({
  images: z.array(
    z.object({
      id: idSchema,
      file_name: z.string(),
      width: z.number().positive(),
      height: z.number().positive(),
    }),
  ),
  annotations: z.array(
    z.object({
      image_id: idSchema,
      bbox: z.tuple([z.number(), z.number(), z.number(), z.number()]),
      category_id: idSchema.optional(),
    }),
  ),
  categories: z.array(z.object({ id: idSchema, name: z.string() })).default([]),
});

/**
 * Boxes as COCO has them, all in one JSON: [left, top, width, height] from the upper left corner, fractions
 * allowed. Outlines are passed over. Images without a box have no mask.
 *
 * @param name of the file, for refusals
 * @returns by the images' `file_name`
 * @throws StudioError `corrupt-file` naming the file and what of it is not as it should be
 */
export function readCoco(name: string, bytes: Uint8Array): ReadonlyMap<string, BoxedImage> {
  const { images, annotations, categories } = parsed(name, bytes);
  const names = new Map(categories.map((category) => [category.id, category.name]));
  const known = new Map(images.map((image) => [image.id, image]));
  if (known.size < images.length) throw refusal(name, 'two of its images have the same id');
  const found = new Map<string, { readonly size: BoxedImage['size']; boxes: Box[] }>();
  annotations.forEach(({ image_id: id, bbox, category_id: category }, i) => {
    const image = known.get(id);
    if (!image) throw refusal(name, `annotations.${i}.image_id is ${id}, no image of it`);
    const [left, top, width, height] = bbox;
    const box: Box = {
      name: category === undefined ? null : (names.get(category) ?? null),
      left,
      top,
      width,
      height,
    };
    const place = image.file_name.replaceAll('\\', '/').replace(/^(\.\/)+/, '');
    const { width: w, height: h } = image;
    const entry = found.get(place) ?? { size: { width: w, height: h }, boxes: [] };
    entry.boxes.push(box);
    found.set(place, entry);
  });
  return found;
}

function parsed(name: string, bytes: Uint8Array) {
  const decoded = decodeText(bytes);
  if ('reason' in decoded) throw refusal(name, decoded.reason);
  let list: unknown;
  try {
    list = JSON.parse(decoded.text);
  } catch (error) {
    throw refusal(name, 'it is no JSON', error);
  }
  const result = listSchema.safeParse(list);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const place = issue?.path.join('.') ?? '';
  throw refusal(
    name,
    `it has no COCO boxes: ${place === '' ? 'its content' : place}: ${issue?.message ?? ''}; accepted: images with id, file_name, width and height, and annotations with image_id and bbox [left, top, width, height]`,
  );
}
