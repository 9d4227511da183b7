import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { createContext } from '../../../scripts/setup/context.mjs';
import { ensureValkey, VALKEY_VARIABLE, wantsValkey } from '../../../scripts/setup/valkey.mjs';
import { machinesFolder } from '../../../src/main/core/machines/machines-folder';
import { checkQueue } from '../../../src/main/core/machines/queue/check-queue';
import { dataDirectoryId } from '../../../src/main/core/machines/queue/data-directory-id';
import { queuePrefix } from '../../../src/main/core/machines/queue/names';
import { openConnection } from '../../../src/main/core/machines/queue/connection';
import {
  type KnownQueue,
  readQueue,
  writeQueue,
} from '../../../src/main/core/machines/queue/queue-file';
import { freePort } from '../core/machines/support/free-port';
import { builtCli, type Run } from './built-cli';
import { cli } from './world';

let valkey = '';
beforeAll(async () => {
  valkey = await ensureValkey(createContext());
  process.env[VALKEY_VARIABLE] = valkey;
});

const own = { host: 'queue.example', port: 6379, username: '', password: 'secret', tls: null };

function dataFolder(): string {
  const data = mkdtempSync(join(tmpdir(), 'queue-try-'));
  onTestFinished(() => rmSync(data, { recursive: true, force: true, maxRetries: 3 }));
  return data;
}

describe('queue try as a process', () => {
  const { data, run } = builtCli();
  const folder = machinesFolder(data);

  async function running({ wrote }: Run): Promise<KnownQueue> {
    await vi.waitUntil(() => wrote.stdout !== '', { timeout: 20_000 });
    const known = readQueue(folder);
    if (known === null) throw new Error(`no address: ${wrote.stderr}`);
    return known;
  }
  const usable = ({ address }: KnownQueue) =>
    checkQueue(address, { prefix: queuePrefix(dataDirectoryId(folder)) });

  test('starts one that can be used, says what to do next, and ends with it', async () => {
    const queue = run('queue', 'try');
    const known = await running(queue);
    expect(known.trial).toBe(true);
    expect(statSync(folder.queue).mode & 0o777).toBe(0o600);
    expect(await usable(known)).toEqual({ version: 'Valkey 9.1.2' });
    expect(queue.wrote.stdout).toBe(
      [
        `The queue is at 127.0.0.1:${known.address.port} (Valkey 9.1.2), for this machine alone. Ctrl-C ends it.`,
        '',
        'Then, each in a terminal of its own:',
        `  npm run --silent cli -- join create --out worker.join --data ${data}`,
        '  npm run --silent cli -- worker --join worker.join',
        `  npm run --silent cli -- roar --dataset mnist --preset quick --queue --out results --data ${data}`,
        '',
      ].join('\n'),
    );

    // Its password stands nowhere where others could see it.
    const configuration = join(folder.trial, 'valkey.conf');
    expect(statSync(configuration).mode & 0o777).toBe(0o600);
    for (const text of [readFileSync(configuration, 'utf8'), queue.wrote.stdout, commandLines()]) {
      expect(text).not.toContain(known.address.password);
    }

    const second = run('queue', 'try', '--json');
    expect(await second.ended).toBe(1);
    expect(JSON.parse(second.wrote.stdout)).toMatchObject({
      error: {
        code: 'conflict',
        message: `A trial queue of this data directory runs already (process ${queue.child.pid}): end it first.`,
      },
    });

    queue.child.kill('SIGINT');
    expect(await queue.ended).toBe(130);
    expect(queue.wrote.stderr).toBe(
      'The trial queue has ended; what it holds is kept for the next one.\n',
    );
    expect(existsSync(folder.queue)).toBe(false);
    await expect(usable(known)).rejects.toThrow('nothing listens there');
  });

  test('the next has the same address and goes on with what was there', async () => {
    const first = run('queue', 'try');
    const known = await running(first);
    const key = `${queuePrefix(dataDirectoryId(folder))}:kept`;
    const redis = await openConnection(known.address);
    await redis.set(key, 'yes');
    redis.disconnect();
    first.child.kill('SIGTERM');
    expect(await first.ended).toBe(130);
    const next = run('queue', 'try', '--json');
    expect(await running(next)).toEqual(known);
    expect(JSON.parse(next.wrote.stdout)).toEqual({
      command: 'queue try',
      queue: {
        host: '127.0.0.1',
        port: known.address.port,
        username: 'studio',
        tls: false,
        trial: true,
      },
      version: 'Valkey 9.1.2',
    });
    const again = await openConnection(known.address);
    expect(await again.get(key)).toBe('yes');
    again.disconnect();
    next.child.kill('SIGINT');
    await next.ended;

    // Whoever knows the password is kept out where that is asked for; what was there stays.
    const last = run('queue', 'try', '--new-password');
    const renewed = await running(last);
    expect(renewed.address).toEqual({ ...known.address, password: expect.any(String) });
    expect(renewed.address.password).not.toBe(known.address.password);
    await expect(usable(known)).rejects.toThrow('password');
    const newest = await openConnection(renewed.address);
    expect(await newest.get(key)).toBe('yes');
    newest.disconnect();
    expect(last.wrote.stderr).toContain('joins that were made with it must be made anew');
    last.child.kill('SIGINT');
    await last.ended;
  });

  test('killed outright it takes its server along; the next takes its address away', async () => {
    const killed = run('queue', 'try');
    const known = await running(killed);
    killed.child.kill('SIGKILL');
    await killed.ended;
    await vi.waitUntil(
      () =>
        usable(known).then(
          () => false,
          () => true,
        ),
      { timeout: 10_000 },
    );
    expect(readQueue(folder)).toEqual(known);
    // Something else listens there by now.
    const other = createServer().listen(known.address.port, '127.0.0.1');
    await once(other, 'listening');
    onTestFinished(() => void other.close());
    const next = run('queue', 'try');
    const moved = await running(next);
    expect(moved.address.port).not.toBe(known.address.port);
    expect(next.wrote.stderr).toContain('joins that were made with it must be made anew');
    expect(await usable(moved)).toEqual({ version: 'Valkey 9.1.2' });
    next.child.kill('SIGINT');
    expect(await next.ended).toBe(130);
  });
});

/** Of every process that may be looked at. */
function commandLines(): string {
  if (process.platform !== 'linux') return '';
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((id) => {
      try {
        return (
          readFileSync(`/proc/${id}/cmdline`, 'utf8') + readFileSync(`/proc/${id}/environ`, 'utf8')
        );
      } catch {
        return '';
      }
    })
    .join('\n');
}

describe('queue try', () => {
  test('leaves a queue of the person’s own alone, but for --replace', async () => {
    const data = dataFolder();
    const folder = machinesFolder(data);
    writeQueue(folder, { address: own, trial: false });
    const refused = await cli(['queue', 'try', '--json', '--data', data], { valkey });
    expect(refused.exit).toBe(1);
    expect(refused.json()).toMatchObject({
      error: { code: 'conflict', message: expect.stringContaining('queue.example:6379') },
    });
    expect(refused.stdout).not.toContain('secret');
    expect(readQueue(folder)).toEqual({ address: own, trial: false });

    const interruption = new AbortController();
    const argv = ['queue', 'try', '--replace', '--data', data];
    const replaced = cli(argv, { valkey, interruption });
    await vi.waitUntil(() => readQueue(folder)?.trial === true, { timeout: 20_000 });
    interruption.abort();
    expect((await replaced).exit).toBe(130);
  });

  test('does not take away the address that somebody put in the place of its own', async () => {
    const data = dataFolder();
    const folder = machinesFolder(data);
    const interruption = new AbortController();
    const ran = cli(['queue', 'try', '--data', data], { valkey, interruption });
    await vi.waitUntil(() => readQueue(folder)?.trial === true, { timeout: 20_000 });
    writeQueue(folder, { address: own, trial: false });
    interruption.abort();
    await ran;
    expect(readQueue(folder)).toEqual({ address: own, trial: false });
  });

  test('takes the port that is asked for, and refuses one that is taken or none', async () => {
    const data = dataFolder();
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const address = server.address();
    const taken = String(typeof address === 'object' ? address?.port : 0);
    const busy = await cli(['queue', 'try', '--port', taken, '--data', data], { valkey });
    expect(busy).toMatchObject({ exit: 1, stdout: '' });
    expect(busy.stderr).toContain(`Another program listens on port ${taken}`);
    for (const port of ['0', '65536', 'x', '1.5', '']) {
      const bad = await cli(['queue', 'try', '--port', port, '--data', data], { valkey });
      expect(bad.exit).toBe(2);
      expect(bad.stderr).toContain('accepted: a whole number from 1 to 65535');
    }
    const port = await freePort();
    const interruption = new AbortController();
    const argv = ['queue', 'try', '--port', String(port), '--data', data];
    const ran = cli(argv, { valkey, interruption });
    await vi.waitUntil(() => readQueue(machinesFolder(data)) !== null, { timeout: 20_000 });
    expect(readQueue(machinesFolder(data))?.address.port).toBe(port);
    interruption.abort();
    expect((await ran).exit).toBe(130);
  });

  test('says how it is run where no server was brought, or the one that was does not start', async () => {
    const data = dataFolder();
    const without = await cli(['queue', 'try', '--data', data]);
    expect(without.exit).toBe(1);
    expect(without.stderr).toContain('npm run --silent cli -- queue try');
    const broken = await cli(['queue', 'try', '--data', data], { valkey: '/bin/false' });
    expect(broken.exit).toBe(1);
    expect(broken.stderr).toContain('The trial queue’s server does not start');
    expect(readQueue(machinesFolder(data))).toBeNull();
  });

  test.each([
    [['queue', 'try'], true],
    [['--data', 'queue', 'queue', '--json', 'try', '--port', '1'], true],
    [['--data=x', 'queue', 'try'], true],
    [['queue', 'try', '--help'], false],
    [['queue'], false],
    [['roar', '--name', 'queue', 'try'], false],
  ])('the server is brought for %j: %s', (argv, wanted) => {
    expect(wantsValkey(argv)).toBe(wanted);
  });
});

test('doctor says which queue there is and how it is', async () => {
  const queue = {
    place: '127.0.0.1:6379',
    trial: true,
    version: 'Valkey 9.1.2',
    problem: null,
    listener: null,
    unreached: null,
    workers: [],
  };
  const well = await cli(['doctor'], { doctor: { queue: async () => queue } });
  expect(well.stdout).toContain('ok      Queue: 127.0.0.1:6379 (queue try), Valkey 9.1.2');
  const taken = {
    ...queue,
    listener: 'http://127.0.0.1:7443',
    unreached: 'another program listens on it',
  };
  const unreached = await cli(['doctor'], { doctor: { queue: async () => taken } });
  expect(unreached.stdout).toContain(
    'workers cannot reach the app at http://127.0.0.1:7443: another program listens on it',
  );
  const problem = 'The queue at 127.0.0.1:6379 cannot be reached: nothing listens there.';
  const gone = { ...queue, version: null, problem };
  const ill = await cli(['doctor'], { doctor: { queue: async () => gone } });
  expect(ill.stdout).toContain(`–       Queue: ${problem}`);
  expect(ill.stdout).toContain('→ start it again: npm run --silent cli -- queue try');
  expect(ill.exit).toBe(0);
  expect((await cli(['doctor'])).stdout).not.toContain('Queue');
});
