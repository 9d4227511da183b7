import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { extract } from 'tar-stream';
import { expect, it } from 'vitest';
import { folderArchive } from '../../src/renderer/composables/folder-archive';

const picked = (path: string, text: string) => ({ path, file: new File([text], 'x') });

it('a folder is a tar that any program reads, long names and all, without what nobody wants', async () => {
  const long = `birds/train/${'a long name of a class '.repeat(6)}/image.png`;
  const files = [
    picked('birds/train/Rötel 形/1.png', 'one'),
    picked(long, 'two'),
    picked('birds/train/x/empty.png', ''),
    picked('birds/.cache/3.png', 'three'),
    picked('birds/train/x/.DS_Store', 'four'),
    picked('birds/train/x/512.png', 'x'.repeat(512)),
  ];
  const archive = folderArchive(files);
  expect(archive?.name).toBe('birds.tar');
  const bytes = Buffer.from((await archive?.arrayBuffer()) ?? new ArrayBuffer(0));
  expect(bytes.length % 512).toBe(0);
  const found = new Map<string, string>();
  for await (const entry of Readable.from([bytes]).pipe(extract())) {
    found.set(entry.header.name, (await buffer(entry)).toString());
  }
  expect([...found]).toEqual([
    ['birds/train/Rötel 形/1.png', 'one'],
    [long, 'two'],
    ['birds/train/x/empty.png', ''],
    ['birds/train/x/512.png', 'x'.repeat(512)],
  ]);
  expect(folderArchive([picked('birds/.cache/3.png', 'three')])).toBeNull();
});
