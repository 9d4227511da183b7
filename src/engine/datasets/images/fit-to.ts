import { type OwnImages } from '../../../shared/catalogue/own-images';
import { unusableFile } from '../refusal';
import { type ImageSource } from './source';

/** What images are made of: a side is known by then. */
export interface FitTo extends Pick<OwnImages, 'fit' | 'grayscale'> {
  readonly size: number;
}

/** Pixels of a side where none is asked for and the images have none in common. */
const usualSize = 64;

/**
 * The side and channels that the images of a source get: those asked for, else their own where they lie
 * many to a file. Gray ones stay gray there.
 *
 * @throws StudioError `invalid-input` where their own is no square that a dataset may have
 */
export function fitOf(
  { name, packed, manifest }: Pick<ImageSource, 'name' | 'packed' | 'manifest'>,
  { size, fit, grayscale }: OwnImages,
): FitTo {
  if (manifest !== null && manifest.images === null && size === null) {
    const [height, width] = manifest.shape;
    const images = `an export of images of ${width} × ${height}, which no dataset of one’s own may have as they are`;
    throw unusableFile(name, images, 'such ones with a size', 'size');
  }
  if (packed === null) return { size: size ?? usualSize, fit, grayscale };
  const { width, height, channels } = packed;
  if (size === null && (width !== height || width < 8 || width > 512)) {
    const images = `a set of images of ${width} × ${height}, which have no side of their own to keep`;
    throw unusableFile(name, images, 'such ones with a size');
  }
  return { size: size ?? width, fit, grayscale: grayscale || channels === 1 };
}
