import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { machinesFolder } from '../../../src/main/core/machines/machines-folder';
import { queueAddressSchema } from '../../../src/main/core/machines/queue/address';
import { knownDataDirectoryId } from '../../../src/main/core/machines/queue/data-directory-id';
import { writeQueue } from '../../../src/main/core/machines/queue/queue-file';
import { acquireLock } from '../../../src/main/core/storage/lock';
import { builtCli } from './built-cli';

const { data, run } = builtCli();

async function command(...argv: string[]) {
  const { wrote, ended } = run(...argv, '--json');
  const code = await ended;
  return { code, json: JSON.parse(wrote.stdout) as Record<string, unknown> };
}

describe('joins on the command line', () => {
  test('need a queue, are written for their owner, listed and revoked beside the open app', async () => {
    const out = join(data, 'desk.join');
    expect(await command('join', 'create', '--out', out)).toMatchObject({
      code: 1,
      json: { error: { code: 'conflict', message: expect.stringContaining('queue try') } },
    });
    expect(knownDataDirectoryId(machinesFolder(data))).toBeNull();
    const address = queueAddressSchema.parse({ host: '127.0.0.1', port: 6379, password: 'q' });
    writeQueue(machinesFolder(data), { address, trial: true });
    // Somebody has the data directory open.
    const lock = acquireLock(data, {
      pid: process.pid,
      shell: 'desktop app',
      since: new Date().toISOString(),
    });
    try {
      writeFileSync(out, 'of before', { mode: 0o644 });
      const made = await command('join', 'create', '--name', 'desk', '--out', out);
      expect(made).toMatchObject({ code: 0, json: { name: 'desk', files: [out] } });
      expect(statSync(out).mode & 0o777).toBe(0o600);
      const { coordinator } = JSON.parse(readFileSync(out, 'utf8')) as {
        coordinator: { token: string };
      };
      // It stands in the file alone.
      expect(JSON.stringify(made.json)).not.toContain(coordinator.token);
      expect(await command('join', 'list')).toMatchObject({
        code: 0,
        json: { joins: [{ name: 'desk', revokedAt: null }] },
      });
      const revoked = await command('join', 'revoke', 'desk');
      expect(revoked.code).toBe(0);
      expect(revoked.json['notes']).toEqual([
        expect.stringMatching(/the queue’s password.*`queue try` .* with --new-password/),
      ]);
      expect(await command('join', 'revoke', 'other')).toMatchObject({ code: 1 });
      const listen = await command('join', 'create', '--listen', '0.0.0.0', '--out', out);
      expect(listen).toMatchObject({ code: 2, json: { error: { field: '--listen' } } });
      writeQueue(machinesFolder(data), { address, trial: false });
      const folder = join(data, 'shared');
      mkdirSync(folder);
      await command('join', 'create', '--name', 'lab', '--shared-folder', folder, '--out', out);
      expect((await command('join', 'revoke', 'lab')).json['notes']).toEqual([
        expect.stringMatching(/ACL SETUSER default resetpass .*CLIENT KILL USER default/),
        expect.stringContaining(folder),
      ]);
      for (const [option, value] of [
        ['--listen', '10.0.0.1'],
        ['--name', 'My desk'],
        ['--shared-folder', join(data, 'none')],
      ] as const) {
        expect(await command('join', 'create', option, value, '--out', out)).toMatchObject({
          code: 2,
          json: { error: { field: option, message: expect.stringContaining(`${option} is "`) } },
        });
      }
    } finally {
      lock.release();
    }
  });
});
