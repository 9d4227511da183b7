import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { type FileTree, headOf } from '../../../../src/engine/datasets/file-tree';
import { FolderTree } from '../../../../src/engine/datasets/folder-tree';
import { mayBeImage } from '../../../../src/engine/datasets/images/found';
import { openTree } from '../../../../src/engine/datasets/images/source';
import { valueAt } from '../../../../src/shared/checked-reads';
import { writeTarball } from '../../../fixtures/cifar10';
import { writeZipFile } from '../../../fixtures/tiny-imagenet';
import { temporary } from '../support';
import { dot, folderOf } from './support';

/** A tree of which no file may be read whole. */
class Heads extends FolderTree {
  override read(file: string): Promise<Uint8Array> {
    throw new Error(`${file} is read whole`);
  }
}

test('of a file of another name its first bytes tell whether it may be an image', async () => {
  const image = await dot(1);
  const folder = folderOf([
    ['image', image],
    ['large.bin', image],
    ['foreign.bin', 'x'.repeat(1000)],
    ['short', image.subarray(0, 5)],
    ['empty', ''],
  ]);
  // As large as a file may be, without taking room.
  truncateSync(path.join(folder, 'large.bin'), 400 * 2 ** 20);
  truncateSync(path.join(folder, 'foreign.bin'), 400 * 2 ** 20);
  const tree = new Heads(folder);
  const found = ['image', 'large.bin', 'foreign.bin', 'short', 'empty'].map((name) =>
    mayBeImage(tree, name),
  );
  expect(await Promise.all(found)).toEqual([true, true, false, false, false]);
});

describe('the pieces of a file', () => {
  const content = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * i) % 251));
  const files = new Map([
    ['a/long', content],
    ['a/none', Buffer.alloc(0)],
  ]);
  const kinds = [
    ['a folder', 'folder', () => Promise.resolve(folderOf(files))],
    ['a ZIP', 'zip', () => writeZipFile(path.join(temporary(), 'a.zip'), files)],
    ['a tar.gz', 'gzip', () => writeTarball(path.join(temporary(), 'a.tar.gz'), files)],
  ] as const;
  const gathered = async (tree: FileTree, file: string, limit = 1e6) => {
    const pieces: Uint8Array[] = [];
    for await (const piece of tree.pieces(file, limit)) pieces.push(piece);
    return Buffer.concat(pieces);
  };

  test.each(kinds)('of %s are its content, and refused as it is', async (_, kind, made) => {
    const tree = await openTree(kind, {
      ...{ path: await made(), coarse: false, scratch: temporary(), signal: undefined },
      report: () => undefined,
    });
    expect(await gathered(tree, 'a/long')).toEqual(content);
    expect(await gathered(tree, 'a/none')).toHaveLength(0);
    expect(await headOf(tree, 'a/long', 70_000)).toEqual(content.subarray(0, 70_000));
    expect(await headOf(tree, 'a/none', 5)).toHaveLength(0);
    for (const read of [
      () => gathered(tree, 'a/long', 299_999),
      () => gathered(tree, 'a/other'),
      () => headOf(tree, 'a/other', 5),
    ]) {
      await expect(read()).rejects.toMatchObject({ data: { code: 'corrupt-file' } });
    }
    await tree.close();
  });

  test('of a ZIP end in a refusal where they are not what it says', async () => {
    const file = await writeZipFile(path.join(temporary(), 'a.zip'), new Map([['a', content]]));
    const tree = await openTree('zip', {
      ...{ path: file, coarse: false, scratch: temporary(), signal: undefined },
      report: () => undefined,
    });
    const state = await tree.state('a');
    await tree.close();
    expect(state.bytes).toBe(content.length);
    const bytes = readFileSync(file);
    const sum = Buffer.alloc(4);
    sum.writeUInt32LE(Number(state.stamp));
    for (let at = bytes.indexOf(sum); at >= 0; at = bytes.indexOf(sum, at + 1)) {
      bytes[at] = valueAt(bytes, at) ^ 1;
    }
    writeFileSync(file, bytes);
    const spoilt = await openTree('zip', {
      ...{ path: file, coarse: false, scratch: temporary(), signal: undefined },
      report: () => undefined,
    });
    await expect(gathered(spoilt, 'a')).rejects.toThrow('CRC-32');
    await spoilt.close();
  });
});
