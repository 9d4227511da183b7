import { readFile } from 'node:fs/promises';
import { type Content } from '../images/content';
import { type DiskRoom } from '../images/decode';
import { type BoxedImage, boxesMask } from './boxes';
import { maxFileBytes } from '../images/limits';
import { maxCocoBytes, readCoco } from './coco';
import { type Mask, type Size } from './mask';
import { maxVocBytes, readPascalVoc } from './pascal-voc';
import { readDrawnMask } from './png';

/** Of what image a mask is, and where it may put what is not to be in memory. */
export interface MaskPlace {
  readonly className: string;
  readonly room: DiskRoom;
}

/** A form in which masks come, told by the ending of their files. */
export type MaskForm = {
  readonly ending: string;
  readonly words: string;
  /** Bytes of a file; a longer one is refused. */
  readonly most: number;
} & (
  | {
      /** One file an image, called as the image is. */
      readonly of: 'image';
      /** @throws UnreadableImage saying what is wrong with it, as a clause */
      readonly read: (content: Content, image: Size, of: MaskPlace) => Mask | Promise<Mask>;
    }
  | {
      /** One file for many images, which names them. */
      readonly of: 'images';
      /** @throws StudioError `corrupt-file` naming the file; `cancelled` */
      readonly read: (
        name: string,
        pieces: AsyncIterable<Uint8Array>,
        signal: AbortSignal | undefined,
      ) => Promise<ReadonlyMap<string, BoxedImage>>;
    }
);

/** Where an image has a mask in two of them, the first counts. */
export const maskForms: readonly MaskForm[] = [
  {
    ending: '.png',
    words: 'PNG (not 0 is the object)',
    most: maxFileBytes,
    of: 'image',
    read: (content, image, { room }) => readDrawnMask(content, image, room),
  },
  {
    ending: '.xml',
    words: 'boxes as Pascal VOC has them (XML)',
    most: maxVocBytes,
    of: 'image',
    read: async (content, image, { className }) => {
      const bytes = 'path' in content ? await readFile(content.path) : content;
      return boxesMask(readPascalVoc(bytes), className, image);
    },
  },
  {
    ending: '.json',
    words: 'boxes as COCO has them (JSON)',
    most: maxCocoBytes,
    of: 'images',
    read: readCoco,
  },
];

/** What can be imported, for refusals. */
export const maskWords = maskForms.map(({ words }) => words).join(', ');

export const maskFormOf = (file: string): MaskForm | undefined =>
  maskForms.find(({ ending }) => file.toLowerCase().endsWith(ending));
