import { z } from 'zod';
import { leftOut } from '../left-out';
import { choiceOf, real } from './parameter';
import { seedOf } from './parameters';
import { limit, schemaOf, type Settings, switchOf } from './setting';

/** How images of one's own become a dataset. */
export const ownImageSettings = {
  size: {
    ...limit({
      label: 'Size',
      help: 'pixels of a side, 8 to 512; left out: 64, or the images’ own where many lie in one file',
      low: 8,
      high: 512,
      all: '64, or the images’ own',
    }),
    option: 'size',
  },
  fit: {
    ...choiceOf('Fit', [
      { value: 'crop', label: 'Crop', help: 'The shorter side to the size, then the middle' },
      { value: 'stretch', label: 'Stretch', help: 'Both sides to the size' },
      { value: 'pad', label: 'Pad', help: 'The longer side to the size, black beside it' },
    ]),
    option: 'fit',
  },
  grayscale: {
    kind: 'switch' as const,
    ...{ label: 'Grayscale', help: 'one channel instead of three', default: false },
    option: 'grayscale',
  },
  coarse: {
    ...switchOf({
      label: 'Coarse classes',
      help: 'CIFAR-100’s 20 in place of its 100',
      default: false,
    }),
    option: 'coarse',
  },
  validation: {
    ...real({
      label: 'Validation share',
      help: 'of each class, where the images come without a split',
      ...{ low: 0, above: true, high: 1, below: true, default: 0.2 },
    }),
    option: 'validation',
  },
  seed: { ...seedOf({ label: 'Seed', help: 'of that split' }), option: 'seed' },
} as const satisfies Settings;

export const ownImageFields = {
  size: schemaOf(ownImageSettings.size),
  fit: schemaOf(ownImageSettings.fit),
  grayscale: schemaOf(ownImageSettings.grayscale),
  coarse: schemaOf(ownImageSettings.coarse),
  validation: schemaOf(ownImageSettings.validation),
  seed: schemaOf(ownImageSettings.seed),
};
export const ownImagesSchema = z.object(ownImageFields);
export type OwnImages = z.output<typeof ownImagesSchema>;

/** What a request gives of them. */
export const askedImagesSchema = leftOut(ownImageFields);
export type AskedImages = z.output<typeof askedImagesSchema>;

/** The rest is what an export of a dataset states, else what is usual. */
export const completeImages = (asked: AskedImages, stated: OwnImages | null): OwnImages =>
  ownImagesSchema.parse({ ...stated, ...asked });
