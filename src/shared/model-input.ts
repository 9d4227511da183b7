import { z } from 'zod';

/** The side of a centre crop. */
export const cropSchema = z
  .int('a whole number from 8 to 1024')
  .min(8, 'a whole number from 8 to 1024')
  .max(1024, 'a whole number from 8 to 1024');

/** A crop as an import is told: a side, or `none` where a file of ours says one; null: what the file says. */
export const cropChoiceSchema = z
  .union([cropSchema, z.literal('none')], 'a whole number from 8 to 1024, or none')
  .nullable()
  .default(null);
export type CropChoice = z.infer<typeof cropChoiceSchema>;

/** What of an image a model sees: its centre `crop` x `crop`; left out, the whole of it. */
export const sightSchema = z.object({ crop: cropSchema.optional() });
export type Sight = Readonly<z.infer<typeof sightSchema>>;

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
export const sightChosen = ({ crop }: { readonly crop: CropChoice }): Sight =>
  typeof crop === 'number' ? { crop } : {};

/** What a model sees where it is not the whole of an image. */
export const sightOf = (input: Sight | null | undefined): Sight | undefined =>
  input?.crop === undefined ? undefined : { crop: input.crop };

/** The same for an order of work. */
export function seenBy({ input }: { readonly input?: Sight | null }): { readonly sight?: Sight } {
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

/** Height, width and channels of what a model sees of images of a shape. */
export function shapeSeen(
  [height, width, channels]: readonly [number, number, number],
  sight: Sight | null | undefined,
): [number, number, number] {
  const { crop } = sight ?? {};
  return crop === undefined ? [height, width, channels] : [crop, crop, channels];
}
