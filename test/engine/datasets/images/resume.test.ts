import { createHash } from 'node:crypto';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { fileFailure, type StudioError } from '../../../../src/shared/errors';
import { writeTarball } from '../../../fixtures/cifar10';
import { filesIn, shapesFolder } from '../../../fixtures/own';
import { writeFolder, writeZipFile } from '../../../fixtures/tiny-imagenet';
import { content, expectNothingIn, temporary } from '../support';
import { made } from './support';

const settings = { size: 16, keepEvery: 0 } as const;

/** What lies in the folder of an import that is killed once so many images are done. */
async function killedAt(source: string, images: number): Promise<string> {
  const [under, left] = [path.join(temporary(), 'out'), path.join(temporary(), 'out')];
  const report = ({ done, unit }: { done: number; unit: string }) => {
    if (unit === 'images' && done === images) cpSync(under, left, { recursive: true });
  };
  await made(source, { ...settings, report }, under);
  return left;
}

/** The files of the dataset, by their hashes. */
function imagesIn(folder: string): Record<string, string> {
  const { 'imported.json': report, ...files } = content(folder);
  expect(report).toBeDefined();
  const sha = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
  return Object.fromEntries(Object.entries(files).map(([name, bytes]) => [name, sha(bytes)]));
}

/** How many images an import finds done, and what it comes to. */
async function goneOn(source: string, left: string) {
  const reports: number[] = [];
  const report = ({ done, unit }: { done: number; unit: string }) => {
    if (unit === 'images') reports.push(done);
  };
  const { dataset, notes, refused } = await made(source, { ...settings, report }, left);
  expect(reports.at(-1)).toBe(70);
  // The first of an import at its beginning is one image done.
  return { found: reports[0] === 1 ? 0 : reports[0], dataset, notes, refused };
}

const failure = (work: Promise<unknown>): Promise<StudioError> =>
  work.then(
    () => Promise.reject(new Error('it was imported')),
    (reason: StudioError) => reason,
  );

describe('an import that was killed goes on, to the bytes of an uninterrupted one', () => {
  let [folder, zip, tar] = ['', '', ''];
  beforeAll(async () => {
    const files = [...filesIn(shapesFolder)].filter(([name]) => /disc|cross/.test(name));
    const home = mkdtempSync(path.join(tmpdir(), 'resume-'));
    folder = await writeFolder(path.join(home, 'shapes'), new Map(files));
    zip = await writeZipFile(path.join(home, 'shapes.zip'), new Map(files));
    tar = await writeTarball(path.join(home, 'shapes.tar.gz'), new Map(files));
    return () => rmSync(home, { recursive: true, force: true });
  });

  test.each([
    ['a folder', () => folder, [3, 51, 70]],
    ['a ZIP', () => zip, [27]],
    ['a tar', () => tar, [60]],
  ])('of %s', async (_, source, moments) => {
    const whole = await made(source(), settings);
    for (const moment of moments) {
      const left = await killedAt(source(), moment);
      const { found, dataset, notes, refused } = await goneOn(source(), left);
      expect([moment, found]).toEqual([moment, moment - 1]);
      expect({ dataset, notes, refused }).toEqual({
        ...{ dataset: whole.dataset, notes: [], refused: whole.refused },
      });
      expect(imagesIn(left)).toEqual(imagesIn(whole.outDir));
    }
  });

  test('from its beginning where a file is another one by now, and says so', async () => {
    const left = await killedAt(folder, 60);
    const [one, other] = ['train/disc/disc_01.png', 'train/cross/cross_00.png'].map((name) =>
      path.join(folder, name),
    ) as [string, string];
    const before = readFileSync(one);
    const { atime, mtime } = statSync(one);
    writeFileSync(one, readFileSync(other));
    const { found, dataset, notes } = await goneOn(folder, left);
    expect(found).toBe(0);
    expect(notes.join()).toContain('it began anew');
    expect(dataset).toBe((await made(folder, settings)).dataset);
    writeFileSync(one, before);
    utimesSync(one, atime, mtime);
    // One that was not read yet is read as it is.
    const later = await killedAt(folder, 10);
    const last = path.join(folder, 'validation/disc/disc_09.png');
    const kept = readFileSync(last);
    writeFileSync(last, readFileSync(other));
    const unread = await goneOn(folder, later);
    expect(unread).toMatchObject({ found: 9, notes: [] });
    expect(unread.dataset).toBe((await made(folder, settings)).dataset);
    writeFileSync(last, kept);
  });

  test('from its beginning where what it had done is damaged, cut or for other settings', async () => {
    const whole = await made(zip, settings);
    const damage = [
      (left: string) => writeFileSync(path.join(left, 'train.images'), 'cut'),
      (left: string) => {
        const file = path.join(left, 'train.images');
        const bytes = readFileSync(file);
        bytes[1000] = (bytes[1000] ?? 0) ^ 1;
        writeFileSync(file, bytes);
      },
      (left: string) => rmSync(path.join(left, 'train.labels')),
      (left: string) => writeFileSync(path.join(left, 'begun.json'), '{"format":1,"plan":'),
    ];
    const left = await killedAt(zip, 40);
    for (const spoil of damage) {
      const copy = path.join(temporary(), 'out');
      cpSync(left, copy, { recursive: true });
      spoil(copy);
      const { found, dataset } = await goneOn(zip, copy);
      expect([found, dataset]).toEqual([0, whole.dataset]);
      expect(imagesIn(copy)).toEqual(imagesIn(whole.outDir));
    }
    const gray = await made(zip, { ...settings, grayscale: true }, left);
    expect(gray.dataset).toBe((await made(zip, { ...settings, grayscale: true })).dataset);
  });

  test('after the disk was full, where what is done is to be kept; else nothing stays', async () => {
    const whole = await made(folder, settings);
    for (const keep of [true, false]) {
      const left = path.join(temporary(), 'out');
      mkdirSync(left);
      const place = path.join(left, 'validation.images');
      symlinkSync('/dev/full', place);
      const error = await failure(made(folder, { ...settings, keep }, left));
      expect(fileFailure(error, left)).toMatchObject({ data: { code: 'disk-full' } });
      if (keep) {
        // What has room now.
        rmSync(place);
        writeFileSync(place, '');
        expect(await goneOn(folder, left)).toMatchObject({ found: 50, dataset: whole.dataset });
        expect(imagesIn(left)).toEqual(imagesIn(whole.outDir));
      } else expectNothingIn(left);
    }
  });

  test('after a file was refused and all with it, that file left out or mended; it stops at the first', async () => {
    const bad = path.join(folder, 'train/disc/disc_20.png');
    const whole = readFileSync(bad);
    const later = path.join(folder, 'validation/disc/disc_00.png');
    const wholeLater = readFileSync(later);
    for (const file of [bad, later]) writeFileSync(file, readFileSync(file).subarray(0, 200));
    // It has its mark that it is no image beside, which is told before any is read.
    const notes = path.join(folder, 'train/disc/notes.txt');
    const text = readFileSync(notes);
    const strict = { ...settings, strict: true, keep: true };
    const left = path.join(temporary(), 'out');
    const reports: number[] = [];
    const report = ({ done }: { done: number }) => void reports.push(done);
    const named = await failure(made(folder, { ...strict, report }, left));
    expect(named.message).toContain('train/disc/notes.txt: it is not a JPEG');
    expect(named.message).toContain('No image was read yet');
    expect([reports, readdirSync(left)]).toEqual([[], []]);
    rmSync(notes);
    const first = await failure(made(folder, { ...strict, report }, left));
    expect(first.data).toMatchObject({ code: 'corrupt-file', field: 'strict' });
    expect(first.message).toContain(
      '1 file is refused, so nothing was imported: train/disc/disc_20',
    );
    expect(first.message).not.toContain('disc_00');
    const before = reports.at(-1) ?? 0;
    expect(before).toBeGreaterThan(25);
    // What was read is not read again, whether it is strict or not.
    const again: number[] = [];
    const second = await failure(
      made(folder, { ...strict, report: ({ done }) => void again.push(done) }, left),
    );
    expect([second.message, again[0]]).toEqual([first.message, before]);
    const lenient = await goneOn(folder, left);
    expect(lenient.found).toBe(before);
    expect(lenient.refused.map((file) => file.path)).toEqual([
      'train/disc/disc_20.png',
      'validation/disc/disc_00.png',
    ]);
    for (const [file, bytes] of [
      [bad, whole],
      [later, wholeLater],
      [notes, text],
    ] as const) {
      writeFileSync(file, bytes);
    }
  });

  test('after it was cancelled, where that was asked for; else nothing stays', async () => {
    for (const keep of [true, false]) {
      const abort = new AbortController();
      const report = ({ done }: { done: number }) => {
        if (done === 30) abort.abort();
      };
      const left = path.join(temporary(), 'out');
      const asked = { ...settings, keep, signal: abort.signal, report };
      const error = await made(folder, asked, left).catch((reason: StudioError) => reason);
      expect(error).toMatchObject({ data: { code: 'cancelled' } });
      if (keep) {
        expect(readdirSync(left).sort()).toContain('begun.json');
        expect((await goneOn(folder, left)).found).toBeGreaterThanOrEqual(29);
      } else expectNothingIn(left);
    }
  });
});
