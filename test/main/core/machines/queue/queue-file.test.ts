import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { copiedNote } from '../../../../../src/main/core/machines/copied-note';
import { Joins } from '../../../../../src/main/core/machines/joins/joins';
import { readListener } from '../../../../../src/main/core/machines/joins/listener';
import {
  machinesFolder,
  type MachinesFolder,
} from '../../../../../src/main/core/machines/machines-folder';
import {
  dataDirectoryId,
  knownDataDirectoryId,
  leaveOriginal,
} from '../../../../../src/main/core/machines/queue/data-directory-id';
import {
  forgetQueue,
  readQueue,
  writeQueue,
} from '../../../../../src/main/core/machines/queue/queue-file';
import { bundle } from '../../jobs/bundle';

function folder() {
  const data = mkdtempSync(join(tmpdir(), 'machines-'));
  onTestFinished(() => rmSync(data, { recursive: true, force: true }));
  return machinesFolder(join(data, 'with space'));
}

const mode = (path: string): number => statSync(path).mode & 0o777;
const address = { host: 'queue', port: 6379, username: 'u', password: 'p', tls: { ca: null } };

describe('the queue’s address', () => {
  test('is kept for its owner’s eyes alone, and forgotten', () => {
    const machines = folder();
    expect(readQueue(machines)).toBeNull();
    writeQueue(machines, { address, trial: false });
    expect(mode(machines.queue)).toBe(0o600);
    expect(readQueue(machines)).toEqual({ address, trial: false });
    writeQueue(machines, { address: { ...address, port: 1 }, trial: true });
    expect(readQueue(machines)).toEqual({ address: { ...address, port: 1 }, trial: true });
    forgetQueue(machines);
    forgetQueue(machines);
    expect(readQueue(machines)).toBeNull();
  });

  test('is closed to others where they may read it', () => {
    const machines = folder();
    writeQueue(machines, { address, trial: false });
    chmodSync(machines.queue, 0o644);
    expect(readQueue(machines)).toEqual({ address, trial: false });
    expect(mode(machines.queue)).toBe(0o600);
  });

  test('is refused where it is none, without its content', () => {
    const machines = folder();
    mkdirSync(machines.root, { recursive: true });
    for (const content of ['{"password": "secret"', '{"version":1,"address":{"host":"secret"}}']) {
      writeFileSync(machines.queue, content);
      expect(() => readQueue(machines)).toThrow(
        expect.objectContaining({
          message: `${machines.queue} does not hold the queue’s address: remove it, or mend it.`,
        }),
      );
    }
  });
});

describe('the data directory’s id', () => {
  test('is drawn once, letters and digits', () => {
    const machines = folder();
    expect(knownDataDirectoryId(machines)).toBeNull();
    const id = dataDirectoryId(machines);
    expect(id).toMatch(/^[a-z0-9]{12}$/);
    expect(dataDirectoryId(machines)).toBe(id);
    expect(knownDataDirectoryId(machines)).toBe(id);
    expect(dataDirectoryId(folder())).not.toBe(id);
  });

  test('that is damaged is refused, and stays', () => {
    const machines = folder();
    mkdirSync(machines.root, { recursive: true });
    for (const content of ['A:*\n', 'abc\n{"path": 1}\n', 'abc\nnothing\n']) {
      writeFileSync(machines.id, content);
      expect(() => dataDirectoryId(machines)).toThrow('letters and digits');
      expect(readFileSync(machines.id, 'utf8')).toBe(content);
    }
  });

  /** One with an id, somebody who may join, a listener and a queue; and another place for it. */
  function joined(trial = false) {
    const machines = folder();
    const id = dataDirectoryId(machines);
    new Joins(machines, () => new Date()).create('lab');
    writeFileSync(machines.listener, JSON.stringify({ host: '127.0.0.1', port: 7777 }));
    writeQueue(machines, { address, trial });
    const data = dirname(machines.root);
    const elsewhere = machinesFolder(join(dirname(data), 'elsewhere'));
    return { machines, id, data, elsewhere, other: dirname(elsewhere.root) };
  }
  const names = (of: MachinesFolder) => new Joins(of, () => new Date()).list().map((j) => j.name);

  test('of a copy is another, by which nobody comes in whom the original lets in', () => {
    const { machines, id, data, elsewhere, other } = joined();
    cpSync(data, other, { recursive: true });
    expect(knownDataDirectoryId(elsewhere)).toBeNull();
    expect(names(elsewhere)).toEqual(['lab']);
    leaveOriginal(elsewhere);
    const copied = dataDirectoryId(elsewhere);
    expect(copied).toMatch(/^[a-z0-9]{12}$/);
    expect(copied).not.toBe(id);
    expect(dataDirectoryId(elsewhere)).toBe(copied);
    expect(knownDataDirectoryId(elsewhere)).toBe(copied);
    expect(names(elsewhere)).toEqual([]);
    expect(readListener(elsewhere)).toBeNull();
    expect(readQueue(elsewhere)).toEqual({ address, trial: false });
    new Joins(elsewhere, () => new Date()).create('desk');
    expect(dataDirectoryId(elsewhere)).toBe(copied);
    expect(names(elsewhere)).toEqual(['desk']);
    expect(dataDirectoryId(machines)).toBe(id);
    expect(names(machines)).toEqual(['lab']);
    expect(readListener(machines)).toMatchObject({ port: 7777 });
  });

  test('of a directory that went to another disk can be had back, with whoever might join', () => {
    const { machines, id, data, elsewhere, other } = joined();
    const joins = new Joins(elsewhere, () => new Date());
    // For another disk, a move is a copy after which the original is deleted.
    cpSync(data, other, { recursive: true });
    rmSync(data, { recursive: true });
    expect(copiedNote(elsewhere, joins)).toBeNull();
    expect(dataDirectoryId(elsewhere)).not.toBe(id);
    expect(names(elsewhere)).toEqual([]);
    expect(copiedNote(elsewhere, joins)).toContain(`put what is in ${elsewhere.original} into`);
    for (const name of readdirSync(elsewhere.original)) {
      renameSync(join(elsewhere.original, name), join(elsewhere.root, name));
    }
    expect(dataDirectoryId(elsewhere)).toBe(id);
    expect(names(elsewhere)).toEqual(['lab']);
    expect(readListener(elsewhere)).toMatchObject({ port: 7777 });
    expect(copiedNote(elsewhere, joins)).toBeNull();
    // And it is itself there from now on.
    cpSync(other, data, { recursive: true });
    expect(dataDirectoryId(machines)).not.toBe(id);
    expect(dataDirectoryId(elsewhere)).toBe(id);
  });

  test('of a copy that was cut off as it left the original loses nothing of it', () => {
    const { id, data, elsewhere, other } = joined();
    cpSync(data, other, { recursive: true });
    mkdirSync(elsewhere.original);
    writeFileSync(join(elsewhere.original, 'id'), `${id}\n`);
    renameSync(elsewhere.joins, join(elsewhere.original, 'joins'));
    expect(dataDirectoryId(elsewhere)).not.toBe(id);
    expect(readdirSync(elsewhere.original).sort()).toEqual(['id', 'joins', 'listener.json']);
    expect(readdirSync(join(elsewhere.original, 'joins'))).toEqual(['lab.json']);
    // A copy of the copy keeps what that had.
    new Joins(elsewhere, () => new Date()).create('desk');
    const third = machinesFolder(`${other} again`);
    cpSync(other, dirname(third.root), { recursive: true });
    dataDirectoryId(third);
    expect(readdirSync(join(third.original, 'joins'))).toEqual(['desk.json']);
  });

  test('of a copy has no part in the original’s trial', () => {
    const { machines, data, elsewhere, other } = joined(true);
    cpSync(data, other, { recursive: true });
    dataDirectoryId(elsewhere);
    expect(readQueue(elsewhere)).toBeNull();
    expect(readQueue(machines)?.trial).toBe(true);
  });

  test('stays where the directory is moved, linked to, or put back from a backup', () => {
    const { machines, id, data, elsewhere, other } = joined();
    renameSync(data, other);
    expect(knownDataDirectoryId(elsewhere)).toBe(id);
    expect(dataDirectoryId(elsewhere)).toBe(id);
    symlinkSync(other, data);
    expect(dataDirectoryId(machines)).toBe(id);
    rmSync(data);
    const backup = `${other} of yesterday`;
    cpSync(other, backup, { recursive: true });
    rmSync(other, { recursive: true });
    mkdirSync(join(other, 'in-the-way'), { recursive: true });
    cpSync(backup, other, { recursive: true });
    expect(dataDirectoryId(elsewhere)).toBe(id);
    expect(names(elsewhere)).toEqual(['lab']);
    // Where it lies now is known, not where it lay once.
    cpSync(other, data, { recursive: true });
    expect(dataDirectoryId(machines)).not.toBe(id);
    expect(dataDirectoryId(elsewhere)).toBe(id);
  });

  test('of before places were kept stays', () => {
    const { machines, id, data, elsewhere, other } = joined();
    writeFileSync(machines.id, `${id}\n`);
    expect(knownDataDirectoryId(machines)).toBe(id);
    expect(dataDirectoryId(machines)).toBe(id);
    expect(names(machines)).toEqual(['lab']);
    cpSync(data, other, { recursive: true });
    expect(dataDirectoryId(elsewhere)).not.toBe(id);
  });

  test('is the same for all that ask at once', async () => {
    const machines = folder();
    const { folder: built, remove } = await bundle({
      child: fileURLToPath(new URL('./id-child.ts', import.meta.url)),
    });
    onTestFinished(remove);
    const children = await Promise.all(
      [1, 2, 3, 4].map(async () => {
        const child = fork(join(built, 'child.js'), [dirname(machines.root)]);
        await once(child, 'message');
        return child;
      }),
    );
    const answers = children.map((child) => once(child, 'message'));
    for (const child of children) child.send('now');
    const ids = (await Promise.all(answers)).map(([id]) => id as string);
    expect(new Set(ids)).toEqual(new Set([knownDataDirectoryId(machines)]));
  });
});
