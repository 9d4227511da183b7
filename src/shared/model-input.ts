import { z } from 'zod';

/** The side of a centre crop. */
export const cropSchema = z
  .int('a whole number from 8 to 1024')
  .min(8, 'a whole number from 8 to 1024')
  .max(1024, 'a whole number from 8 to 1024');

/**
 * What a model makes of an image before its first layer: it takes the centre `crop` x `crop` of a larger
 * one (left out: the whole of it), and of every channel (pixel in [0, 1] - mean) / std.
 */
export const modelInputSchema = z.object({
  mean: z.array(z.number()),
  std: z.array(z.number().positive()),
  crop: cropSchema.optional(),
});
export type ModelInput = z.infer<typeof modelInputSchema>;

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
  crop: number | null | undefined,
): [number, number, number] {
  return crop == null ? [height, width, channels] : [crop, crop, channels];
}
