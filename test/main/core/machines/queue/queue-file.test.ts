import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { machinesFolder } from '../../../../../src/main/core/machines/machines-folder';
import {
  dataDirectoryId,
  knownDataDirectoryId,
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
    writeFileSync(machines.id, 'A:*\n');
    expect(() => dataDirectoryId(machines)).toThrow('letters and digits');
    expect(readFileSync(machines.id, 'utf8')).toBe('A:*\n');
  });

  test('is the same for all that ask at once', async () => {
    const machines = folder();
    const { folder: built, remove } = await bundle({
      child: fileURLToPath(new URL('./id-child.ts', import.meta.url)),
    });
    onTestFinished(remove);
    const children = await Promise.all(
      [1, 2, 3, 4].map(async () => {
        const child = fork(join(built, 'child.js'), [machines.id]);
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
