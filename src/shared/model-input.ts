import { z } from 'zod';

/** The side of a centre crop. */
export const cropSchema = z
  .int('a whole number from 8 to 1024')
  .min(8, 'a whole number from 8 to 1024')
  .max(1024, 'a whole number from 8 to 1024');

/** A side as an import is told: a number, or `none` where a file of ours says one; null: what the file says. */
export const sideChoiceSchema = z
  .union([cropSchema, z.literal('none')], 'a whole number from 8 to 1024, or none')
  .nullable()
  .default(null);
export type SideChoice = z.infer<typeof sideChoiceSchema>;

/**
 * What of an image a model sees: resized as torchvision's `Resize(resize)` has it, the shorter side to so
 * many pixels, then its centre `crop` x `crop`. What is left out is not done.
 */
export const sightSchema = z.object({ resize: cropSchema.optional(), crop: cropSchema.optional() });
export type Sight = Readonly<z.infer<typeof sightSchema>>;
/** The same as a recipe has it, where null is not done either. */
export interface Looked {
  readonly resize?: number | null | undefined;
  readonly crop?: number | null | undefined;
}

/**
 * What a model makes of an image before its first layer: it takes of it what it sees, and of every channel
 * (pixel in [0, 1] - mean) / std.
 */
export const modelInputSchema = z.object({
  mean: z.array(z.number()),
  std: z.array(z.number().positive()),
  ...sightSchema.shape,
});
export type ModelInput = z.infer<typeof modelInputSchema>;

/** What is seen as far as it was chosen. */
export function sightChosen(
  { resize, crop }: { readonly resize: SideChoice; readonly crop: SideChoice },
  stated: Sight = {},
): Looked {
  const side = (choice: SideChoice, said: number | undefined) =>
    choice === 'none' ? null : (choice ?? said);
  return { resize: side(resize, stated.resize), crop: side(crop, stated.crop) };
}

/** What is seen where it is not the whole of an image as it is. */
export function sightOf(looked: Looked | null | undefined): Sight | undefined {
  const { resize, crop } = looked ?? {};
  if (resize == null && crop == null) return undefined;
  return { ...(resize != null && { resize }), ...(crop != null && { crop }) };
}

/** The same for an order of work. */
export function seenBy({ input }: { readonly input?: Looked | null }): { readonly sight?: Sight } {
  const sight = sightOf(input);
  return sight === undefined ? {} : { sight };
}

/** Normalisations that much code shares, by what `--preset` calls them. */
export const inputPresets: readonly {
  readonly id: string;
  readonly name: string;
  readonly mean: number[];
  readonly std: number[];
}[] = [
  {
    id: 'torchvision',
    name: 'torchvision’s, of ImageNet',
    mean: [0.485, 0.456, 0.406],
    std: [0.229, 0.224, 0.225],
  },
];

/**
 * Where a centre crop begins along one side, as torchvision's CenterCrop has it: half of what is left
 * over, a half rounded to the even number.
 *
 * @param side of the image, in pixels, at least `crop`
 */
export function cropStart(side: number, crop: number): number {
  const left = side - crop;
  const below = Math.floor(left / 2);
  return left % 2 === 0 || below % 2 === 0 ? below : below + 1;
}

type Shape = readonly [height: number, width: number, channels: number];

/** Height and width of an image whose shorter side becomes `short`, as torchvision's Resize has them. */
export function resizedSides(
  [height, width]: readonly [number, number, ...number[]],
  short: number | null | undefined,
): [number, number] {
  if (short == null) return [height, width];
  return width <= height
    ? [Math.trunc((short * height) / width), short]
    : [short, Math.trunc((short * width) / height)];
}

/** Height, width and channels of what a model sees of images of a shape. */
export function shapeSeen(
  shape: Shape,
  looked: Looked | null | undefined,
): [number, number, number] {
  const { resize, crop } = looked ?? {};
  const [height, width] = resizedSides(shape, resize);
  return crop == null ? [height, width, shape[2]] : [crop, crop, shape[2]];
}

/** The largest crop of images of a shape, once they are resized. */
export const largestCrop = (shape: Shape, { resize }: Looked): number =>
  Math.min(...resizedSides(shape, resize));

/** What is accepted instead of a crop of images of a shape, once they are resized; null: it is. */
export function cropRefusal(shape: Shape, looked: Looked): string | null {
  const most = largestCrop(shape, looked);
  if (looked.crop == null || looked.crop <= most) return null;
  const after = looked.resize == null ? '' : ' once they are resized';
  return `at most ${most}, the shorter side of the images${after}`;
}

/** The same where it is not sure yet that the crop fits: else the shape of whole images, and the crop is refused later. */
export const shapeIfSeen = (shape: Shape, looked: Looked): [number, number, number] =>
  shapeSeen(shape, cropRefusal(shape, looked) === null ? looked : null);

/** What a model sees, in words; null: whole images as they are. */
export function sightWords(looked: Looked | null | undefined): string | null {
  const { resize, crop } = looked ?? {};
  const words = [
    ...(resize == null ? [] : [`resized to ${resize}`]),
    ...(crop == null ? [] : [`the centre ${crop} × ${crop}`]),
  ];
  return words.length === 0 ? null : words.join(', ');
}

/** What a model makes of images before its first layer, in words. */
export function modelInputWords(input: ModelInput): string {
  const { mean, std } = input;
  const plain = mean.every((value) => value === 0) && std.every((value) => value === 1);
  const normalised = plain
    ? 'pixels from 0 to 1'
    : `mean ${mean.join(', ')}, standard deviation ${std.join(', ')}`;
  return [sightWords(input), normalised].filter((words) => words !== null).join(', ');
}
