import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { cifar10BinaryFiles, writeCifar10 } from '../../fixtures/cifar10';
import { packers, rawZip, within, withJunk } from '../../fixtures/packers';
import {
  type ArchiveFiles,
  tinyImagenetFiles,
  wnid,
  writeFolder,
  writeTinyImagenet,
  writeZipFile,
} from '../../fixtures/tiny-imagenet';
import { content, imported, refused, temporary } from './support';

const given = (name: string) => path.join(import.meta.dirname, '../../fixtures/archives', name);

/** The store's files but the list, which names the archive. */
async function store(dataset: 'cifar10' | 'tiny-imagenet', source: string) {
  const { 'dataset.json': list, ...files } = content((await imported(dataset, source)).outDir);
  expect(list).toBeDefined();
  return files;
}

const small = { classes: 3, train: 4, validation: 4 };
let tiny: ArchiveFiles;
const cifar = cifar10BinaryFiles({ train: 20, validation: 10 });
beforeAll(async () => {
  tiny = await tinyImagenetFiles(small);
});

const stores = new Map<string, ReturnType<typeof store>>();
/** What the archive as it is distributed gives. */
function official(dataset: 'cifar10' | 'tiny-imagenet') {
  const make = async () => {
    const folder = temporary();
    const images = { train: 20, validation: 10 };
    const source =
      dataset === 'cifar10' ? writeCifar10(folder, images) : writeTinyImagenet(folder, small);
    return store(dataset, await source);
  };
  const made = stores.get(dataset) ?? make();
  stores.set(dataset, made);
  return made;
}
const filesOf = (dataset: string) => (dataset === 'cifar10' ? cifar : tiny);

describe('archives as people have them', () => {
  test('a tar of CIFAR-10 with and without gzip: the same 60 images', async () => {
    const [tar, gzipped] = [given('cifar-10-binary.tar'), given('cifar-10-binary.tar.gz')];
    const { train, validation, classes } = await imported('cifar10', tar);
    expect([train, validation, classes.length]).toEqual([40, 20, 10]);
    const found = await store('cifar10', tar);
    expect(found).toEqual(await store('cifar10', gzipped));
    expect(found['train.labels']?.subarray(0, 12)).toEqual(
      Buffer.from(firstLabels(gunzipSync(readFileSync(gzipped)), 12)),
    );
  });

  /** Labels where the first batch's records begin in the tar. */
  function firstLabels(tar: Buffer, count: number): number[] {
    const start = tar.indexOf('cifar-10-batches-bin/data_batch_1.bin') + 512;
    return Array.from({ length: count }, (_, i) => tar[start + i * 3073] ?? 255);
  }

  test('a ZIP of Tiny ImageNet two folders deep', async () => {
    const source = given('tiny-imagenet-two-deep.zip');
    const { train, validation, classes } = await imported('tiny-imagenet', source);
    expect([train, validation]).toEqual([6, 4]);
    expect(classes).toEqual([
      { id: 'n01443537', name: 'goldfish' },
      { id: 'n01629819', name: 'European fire salamander' },
    ]);
    const found = await store('tiny-imagenet', source);
    expect([...(found['train.labels'] ?? [])]).toEqual([0, 0, 0, 1, 1, 1]);
    expect(found['train.images']).toHaveLength(6 * 12_288);
  });
});

describe.each(['cifar10', 'tiny-imagenet'] as const)('%s gives the same store', (dataset) => {
  test.each(Object.keys(packers))('packed again by %s', async (packer) => {
    const source = path.join(temporary(), 'again.zip');
    writeFileSync(source, packers[packer]?.(filesOf(dataset)) ?? '');
    expect(await store(dataset, source)).toEqual(await official(dataset));
  });

  test('from a folder with what file managers leave, some folders deep', async () => {
    const folder = await writeFolder(
      temporary(),
      withJunk(within('Neuer Ordner/ä b', filesOf(dataset))),
    );
    expect(await store(dataset, folder)).toEqual(await official(dataset));
  });

  test('but not from a folder that holds it twice', async () => {
    const folder = await writeFolder(temporary(), within('a', filesOf(dataset)));
    await writeFolder(folder, within('b', filesOf(dataset)));
    await refused(dataset, folder, 'corrupt-file', 'choose one of them');
  });

  test('from a folder with links that stay in it', async () => {
    const folder = await writeFolder(temporary(), filesOf(dataset));
    const [top = ''] = [...filesOf(dataset).keys()][0]?.split('/') ?? [];
    mkdirSync(path.join(folder, 'store'));
    const moved = dataset === 'cifar10' ? 'data_batch_2.bin' : 'train';
    renameSync(path.join(folder, top, moved), path.join(folder, 'store', moved));
    symlinkSync(path.join('..', 'store', moved), path.join(folder, top, moved));
    expect(await store(dataset, folder)).toEqual(await official(dataset));
    // The folder itself may be reached by a link.
    const link = path.join(temporary(), 'link');
    symlinkSync(folder, link);
    expect(await store(dataset, link)).toEqual(await official(dataset));
    // From inside, the same link leads out.
    await refused(
      dataset,
      path.join(folder, top),
      'corrupt-file',
      `${moved} is refused: it is a symb`,
    );
  });

  test('but not from one whose links lead out or to nothing', async () => {
    const outside = path.join(temporary(), 'outside.bin');
    writeFileSync(outside, 'secret');
    for (const [target, text] of [
      [outside, 'outside.bin, outside '],
      ['nothing', 'a symbolic link to nothing'],
    ] as const) {
      const folder = await writeFolder(temporary(), filesOf(dataset));
      const name = dataset === 'cifar10' ? 'data_batch_6.bin' : `train/${wnid(0)}/images/x.JPEG`;
      const [top = ''] = [...filesOf(dataset).keys()][0]?.split('/') ?? [];
      symlinkSync(target, path.join(folder, top, name));
      await refused(dataset, folder, 'corrupt-file', text);
    }
  });
});

describe('what leads out is refused whatever system it is of', () => {
  test.each([
    '..\\..\\evil.JPEG',
    '..\\__MACOSX\\evil',
    '__MACOSX/../../evil',
    'C:\\evil',
    '\\evil',
  ])('%s', async (name) => {
    const source = path.join(temporary(), 'bad.zip');
    const entries = [...tiny].map(([own, data]) => ({ name: Buffer.from(own), data }));
    writeFileSync(
      source,
      rawZip([...entries, { name: Buffer.from(name), data: Buffer.from('x') }]),
    );
    await refused('tiny-imagenet', source, 'corrupt-file', 'bad.zip is refused');
  });

  test('a name twice, once with a backslash', async () => {
    const source = path.join(temporary(), 'bad.zip');
    const [own = '', data = Buffer.alloc(0)] = [...tiny][1] ?? [];
    const names = [...tiny.keys(), own.replaceAll('/', '\\')];
    writeFileSync(source, rawZip(names.map((name) => ({ name: Buffer.from(name), data }))));
    await refused(
      'tiny-imagenet',
      source,
      'corrupt-file',
      `${own} is refused: it is in bad.zip twice`,
    );
  });
});

describe('Tiny ImageNet with its validation images in class folders', () => {
  const root = 'tiny-imagenet-200';
  const list = `${root}/val/val_annotations.txt`;
  const classOf = () =>
    new Map(
      String(tiny.get(list))
        .trim()
        .split('\n')
        .map((line) => line.split('\t') as [string, string]),
    );

  /** Moved to where `place` says, by class and name. */
  function moved(place: (id: string, name: string) => string, keepList = false): ArchiveFiles {
    const classes = classOf();
    const files = new Map<string, Buffer>();
    for (const [file, bytes] of tiny) {
      const name = path.posix.basename(file);
      const isImage = file.startsWith(`${root}/val/images/`);
      if (isImage) files.set(`${root}/val/${place(classes.get(name) ?? '', name)}`, bytes);
      else if (file !== list || keepList) files.set(file, bytes);
    }
    return files;
  }
  const inImages = (id: string, name: string) => `${id}/images/${name}`;
  const zipOf = (files: ArchiveFiles) => writeZipFile(path.join(temporary(), 'moved.zip'), files);

  test.each<[string, () => ArchiveFiles]>([
    ['val/ID/images/', () => moved(inImages)],
    ['val/ID/', () => moved((id, name) => `${id}/${name}`)],
    ['beside the list', () => moved(inImages, true)],
    ['with junk', () => withJunk(moved(inImages))],
  ])('%s: the official store', async (_, files) => {
    expect(await store('tiny-imagenet', await zipOf(files()))).toEqual(
      await official('tiny-imagenet'),
    );
    const folder = await writeFolder(temporary(), files());
    mkdirSync(path.join(folder, root, 'val', 'images'), { recursive: true });
    expect(await store('tiny-imagenet', folder)).toEqual(await official('tiny-imagenet'));
  });

  test('training images in the class’s folder, with their lists or without', async () => {
    for (const keep of [true, false]) {
      const files = new Map(
        [...moved(inImages)]
          .filter(([file]) => keep || !file.endsWith('_boxes.txt'))
          .map(([file, bytes]) => [file.replace(/(\/train\/\w+)\/images\//, '$1/'), bytes]),
      );
      expect(await store('tiny-imagenet', await zipOf(files))).toEqual(
        await official('tiny-imagenet'),
      );
    }
  });

  const one = (id = wnid(1)) => `${root}/val/${id}/images`;
  test.each<[string, (files: ArchiveFiles) => void, string]>([
    ['a class without a folder', (f) => drop(f, wnid(1)), `val/${wnid(1)} is refused`],
    [
      'an empty folder',
      (f) => drop(f, wnid(1)).set(`${root}/val/${wnid(1)}/notes.txt`, Buffer.from('x')),
      `val/${wnid(1)} is refused: no image is in it`,
    ],
    ['a folder of no class', (f) => f.set(`${root}/val/n1/a.JPEG`, Buffer.from('x')), 'val/n1 is'],
    [
      'an image of another kind',
      (f) => f.set(`${one()}/a.png`, Buffer.from('x')),
      'a.png is refused',
    ],
    [
      'images beside the folder images',
      (f) => f.set(`${root}/val/${wnid(1)}/a.JPEG`, Buffer.from('x')),
      'a.JPEG is refused: it lies beside',
    ],
    [
      'images left where they were',
      (f) => f.set(`${root}/val/images/a.JPEG`, Buffer.from('x')),
      'val/images is refused',
    ],
  ])('refused: %s', async (_, change, text) => {
    const files = moved(inImages);
    change(files);
    await refused('tiny-imagenet', await zipOf(files), 'corrupt-file', text);
  });

  const drop = (files: ArchiveFiles, id: string) => {
    for (const file of [...files.keys()]) if (file.includes(`/val/${id}/`)) files.delete(file);
    return files;
  };

  test('refused: folders and a list that disagree', async () => {
    const files = moved((id, name) => inImages(name === 'val_0.JPEG' ? wnid(1) : id, name), true);
    const text = `val_0.JPEG is refused: val_annotations.txt gives it the class ${wnid(0)}`;
    await refused('tiny-imagenet', await zipOf(files), 'corrupt-file', text);
    const fewer = moved(inImages, true);
    fewer.delete(`${one(wnid(0))}/val_0.JPEG`);
    await refused('tiny-imagenet', await zipOf(fewer), 'corrupt-file', 'it is in no folder');
  });

  test('names that macOS decomposed are those of the lists', async () => {
    const files = await writeFolder(temporary(), tiny);
    const name = 'val_ä.JPEG';
    const images = path.join(files, root, 'val', 'images');
    renameSync(path.join(images, 'val_3.JPEG'), path.join(images, name.normalize('NFD')));
    const text = String(tiny.get(list)).replace('val_3.JPEG', name.normalize('NFC'));
    writeFileSync(path.join(files, list), text);
    expect(await store('tiny-imagenet', files)).toEqual(await official('tiny-imagenet'));
    rmSync(path.join(images, name.normalize('NFD')));
    await refused('tiny-imagenet', files, 'corrupt-file', 'it is missing');
  });
});
