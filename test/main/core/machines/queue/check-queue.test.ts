import { once } from 'node:events';
import { createServer as createWebServer } from 'node:http';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { networkInterfaces } from 'node:os';
import { createServer as createTlsServer } from 'node:tls';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { setUserLine, leastRights } from '../../../../../src/main/core/machines/queue/acl';
import { type QueueAddress } from '../../../../../src/main/core/machines/queue/address';
import { checkQueue } from '../../../../../src/main/core/machines/queue/check-queue';
import { openConnection } from '../../../../../src/main/core/machines/queue/connection';
import { explainQueue, problemOf } from '../../../../../src/main/core/machines/queue/queue-problem';
import { toErrorData } from '../../../../../src/shared/errors';
import { certificatesFor } from '../support/certificates';
import { freePort } from '../support/free-port';
import { networkTo } from '../support/network';
import { startValkey, type TestValkey, type ValkeyOptions } from '../support/valkey';

const prefix = 'saliency-abc';
const printed = (['log', 'warn', 'error'] as const).map((name) =>
  vi.spyOn(console, name).mockImplementation(() => undefined),
);
afterAll(() => {
  // What is wrong is told once, by whoever asked.
  for (const print of printed) expect(print).not.toHaveBeenCalled();
});

async function started(options?: ValkeyOptions): Promise<TestValkey> {
  const valkey = await startValkey(options);
  onTestFinished(() => valkey.close());
  return valkey;
}

async function listening(server: Server): Promise<QueueAddress> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { host: '127.0.0.1', port, username: '', password: '', tls: null };
}

/** What a person is told, and which problem it counts as. */
async function told(address: QueueAddress, deadline?: number) {
  const error = await checkQueue(address, {
    prefix,
    ...(deadline === undefined ? {} : { deadline }),
  }).then(
    (found) => Promise.reject(new Error(`it can be used: ${found.version}`)),
    (thrown: unknown) => thrown,
  );
  const { message } = toErrorData(error);
  // Nobody is shown a code or a library's words.
  expect(message).toMatch(/^The queue at \S+:\d+ .*\.$/);
  expect(message).not.toMatch(/ECONN|ETIME|ENOTF|ERR_|WRONGPASS|NOAUTH|NOPERM|RESP|undefined/);
  return { problem: problemOf(error), message };
}

describe('a queue that can be used', () => {
  test('answers with its version, with a password or without', async () => {
    const open = await started();
    expect(await checkQueue(open.address, { prefix })).toEqual({ version: 'Valkey 9.1.2' });
    const closed = await started({ password: 'secret' });
    expect(await checkQueue(closed.address, { prefix })).toEqual({ version: 'Valkey 9.1.2' });
  });

  test('suffices with the least rights of a user, and keeps nothing of the check', async () => {
    const rules = leastRights(prefix).join(' ');
    const { address } = await started({ user: { name: 'studio', password: 'pw', rules } });
    await checkQueue(address, { prefix });
    const socket = connect(address.port, address.host);
    socket.write('AUTH studio pw\r\nSCAN 0\r\n');
    const [reply] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();
    expect(reply.toString()).toContain('*0');
  });

  test('speaks TLS with the CA that signed its certificate', async () => {
    const { address } = await started({ tls: await certificatesFor('127.0.0.1') });
    expect(await checkQueue(address, { prefix })).toEqual({ version: 'Valkey 9.1.2' });
  });
});

describe('a password', () => {
  let valkey: TestValkey;
  beforeAll(async () => void (valkey = await startValkey({ password: 'secret' })));
  afterAll(() => valkey.close());

  test('that is wrong', async () => {
    expect(await told({ ...valkey.address, password: 'other' })).toEqual({
      problem: 'wrong-password',
      message: `The queue at 127.0.0.1:${valkey.port} does not take this password for its user default.`,
    });
    expect((await told({ ...valkey.address, username: 'studio' })).message).toContain(
      'for its user studio.',
    );
  });

  test('that is wanted', async () => {
    expect(await told({ ...valkey.address, password: '' })).toMatchObject({
      problem: 'wants-password',
      message: expect.stringContaining('wants a password'),
    });
  });

  test('that is given where there is none', async () => {
    const { address, port } = await started();
    const redis = await openConnection(address);
    onTestFinished(() => redis.disconnect());
    const said: unknown = await redis.call('AUTH', 'guessed').catch((error: unknown) => error);
    const problem = explainQueue(said, address, prefix);
    expect(problem.message).toBe(
      `The queue at 127.0.0.1:${port} has no password for its user default: leave the password empty.`,
    );
    expect(problemOf(problem)).toBe('wants-none');
  });
});

describe('TLS', () => {
  test('with another CA than the given one, or with none that is trusted', async () => {
    const { address } = await started({ tls: await certificatesFor('127.0.0.1') });
    const other = await certificatesFor('127.0.0.1');
    expect(await told({ ...address, tls: { ca: other.ca } })).toMatchObject({
      problem: 'wrong-ca',
      message: expect.stringContaining('the given CA did not sign'),
    });
    expect(await told({ ...address, tls: { ca: null } })).toMatchObject({
      problem: 'wrong-ca',
      message: expect.stringContaining('give the CA that signed it'),
    });
  });

  test('with a certificate for another name', async () => {
    const { address } = await started({ tls: await certificatesFor('queue.example') });
    expect(await told(address)).toMatchObject({
      problem: 'wrong-name',
      message: expect.stringContaining('another name than 127.0.0.1'),
    });
  });

  test('that is wanted where none was switched on', async () => {
    const { address } = await started({ tls: await certificatesFor('127.0.0.1') });
    expect(await told({ ...address, tls: null })).toMatchObject({
      problem: 'wants-tls',
      message: expect.stringContaining('as it wants TLS: switch it on'),
    });
  });

  test('that is not spoken there, by silence and by an answer', async () => {
    const { address } = await started();
    expect(await told({ ...address, tls: { ca: null } }, 300)).toMatchObject({
      problem: 'silent',
      message: expect.stringContaining('whether it speaks TLS there'),
    });
    const shell = createServer((socket) => void socket.end('SSH-2.0-Shell\r\n'));
    expect(await told({ ...(await listening(shell)), tls: { ca: null } })).toMatchObject({
      problem: 'no-tls',
      message: expect.stringContaining('does not speak TLS'),
    });
  });

  test('that wants a certificate of ours', async () => {
    const { ca, cert, key } = await certificatesFor('127.0.0.1');
    const server = createTlsServer({ cert, key, ca, requestCert: true, rejectUnauthorized: true });
    server.on('tlsClientError', () => undefined);
    expect(await told({ ...(await listening(server)), tls: { ca } }, 2_000)).toMatchObject({
      problem: 'wants-certificate',
    });
  });
});

describe('a queue that cannot be reached', () => {
  const nowhere = { host: '127.0.0.1', username: '', password: '', tls: null };

  test('where nothing listens', async () => {
    expect(await told({ ...nowhere, port: await freePort() })).toMatchObject({
      problem: 'unreachable',
      message: expect.stringContaining('nothing listens there'),
    });
  });

  // Neither wants TLS nor lacks it: a worker that starts meanwhile waits.
  test('where it was ended under the question', async () => {
    const server = createServer((socket) => {
      server.close();
      socket.resetAndDestroy();
    });
    expect(await told(await listening(server))).toMatchObject({
      problem: 'unreachable',
      message: expect.stringContaining('nothing listens there'),
    });
  });

  test.each(['plain text', 'TLS'])('where it is away behind what hands on %s', async (spoken) => {
    const tls = spoken === 'TLS' ? await certificatesFor('127.0.0.1') : null;
    const valkey = await started();
    const proxy = await networkTo(valkey.port);
    onTestFinished(() => proxy.close());
    await valkey.kill();
    const address = { ...nowhere, port: proxy.port, tls: tls && { ca: tls.ca } };
    expect(await told(address)).toMatchObject({
      problem: 'unreachable',
      message: expect.stringContaining('what stands before it does not reach it'),
    });
  });

  test('where it is away behind what speaks TLS in its place', async () => {
    const valkey = await started({ tls: await certificatesFor('127.0.0.1') });
    await valkey.kill();
    expect(await told(valkey.address)).toMatchObject({
      problem: 'unreachable',
      message: expect.stringContaining('what stands before it does not reach it'),
    });
    // That it wants TLS is true all the same.
    expect(await told({ ...valkey.address, tls: null })).toMatchObject({ problem: 'wants-tls' });
  });

  test('where the network knows no such name', async () => {
    expect(await told({ ...nowhere, host: 'no-such-host.invalid', port: 6379 })).toEqual({
      problem: 'unknown-host',
      message:
        'The queue at no-such-host.invalid:6379 cannot be found: the network knows no no-such-host.invalid. Check the name.',
    });
  });

  test('where something takes the connection and stays silent', async () => {
    const before = performance.now();
    expect(await told(await listening(createServer()), 300)).toMatchObject({ problem: 'silent' });
    expect(performance.now() - before).toBeLessThan(2_000);
  });

  test('where something else answers', async () => {
    const web = createWebServer((_request, response) => void response.end('hello'));
    expect(await told(await listening(web))).toMatchObject({
      problem: 'no-redis',
      message: expect.stringContaining('is no Redis or Valkey'),
    });
  });
});

describe('a server that does not do', () => {
  test('throws away what it holds', async () => {
    const configuration = ['maxmemory 100mb', 'maxmemory-policy allkeys-lru'];
    const { address } = await started({ configuration });
    expect(await told(address)).toMatchObject({
      problem: 'evicts',
      message: expect.stringContaining('(maxmemory-policy allkeys-lru): set maxmemory-policy'),
    });
  });

  const own = Object.values(networkInterfaces())
    .flat()
    .find((each) => each?.family === 'IPv4' && !each.internal)?.address;
  test.runIf(own)('lets its own machine in alone', async () => {
    const configuration = [`bind 127.0.0.1 ${own}`];
    const { address } = await started({ configuration });
    expect(await told({ ...address, host: String(own) })).toMatchObject({
      problem: 'protected',
      message: expect.stringContaining('ACL SETUSER default off resetpass'),
    });
    const given = { ...address, host: String(own), password: 'pw' };
    for (const user of ['', 'studio']) {
      expect((await told({ ...given, username: user })).problem).toBe('protected');
    }
    expect(await checkQueue(address, { prefix })).toEqual({ version: 'Valkey 9.1.2' });
    const redis = await openConnection(address);
    await redis.call('ACL', 'SETUSER', 'studio', 'on', '>pw', ...leastRights(prefix));
    await redis.call('ACL', 'SETUSER', 'default', 'off', 'resetpass');
    redis.disconnect();
    const user = { ...address, host: String(own), username: 'studio', password: 'pw' };
    expect(await checkQueue(user, { prefix })).toEqual({ version: 'Valkey 9.1.2' });
  });

  test('is full', async () => {
    const { address } = await started({ configuration: ['maxmemory 1kb'] });
    expect(await told(address)).toMatchObject({ problem: 'full' });
  });

  test('only copies another', async () => {
    const first = await started();
    const { address } = await started({ configuration: [`replicaof 127.0.0.1 ${first.port}`] });
    expect(await told(address)).toMatchObject({ problem: 'replica' });
  });

  test('is a cluster', async () => {
    const { address } = await started({ configuration: ['cluster-enabled yes'] });
    expect(await told(address)).toMatchObject({ problem: 'cluster' });
  });

  test('is older than Redis 6.2', async () => {
    const { address } = await started();
    // The real server, which says that it is an old Redis.
    const pretending = createServer((near) => {
      const far = connect(address.port, address.host);
      near.pipe(far);
      far.on('data', (chunk) => {
        const text = chunk.toString('latin1');
        const old = text.replace('redis_version:7.2.4', 'redis_version:6.0.9');
        near.write(old.replace('valkey_version', 'other__version'), 'latin1');
      });
      near.on('error', () => undefined).on('close', () => far.destroy());
    });
    expect(await told(await listening(pretending))).toMatchObject({
      problem: 'too-old',
      message: expect.stringContaining('is Redis 6.0.9, which is too old'),
    });
  });
});

describe('a user whose rights are too narrow', () => {
  const rules = leastRights(prefix);
  const narrowed = async (...others: string[]) => {
    const user = { name: 'studio', password: 'pw', rules: others.join(' ') };
    return told((await started({ user })).address);
  };

  test.each([
    ['-info', 'run INFO'],
    ['-@blocking', 'run BZPOPMIN'],
    ['-eval', 'run EVAL'],
    ['-xadd', 'run XADD'],
    ['-publish', 'run PUBLISH'],
    ['-multi', 'run MULTI'],
    ['-subscribe', 'run SUBSCRIBE'],
    ['resetchannels', 'use channels that begin with saliency-abc:'],
    ['resetkeys', 'use keys that begin with saliency-abc:'],
  ])('%s: is told what is lacking, and the rights that suffice', async (without, lacking) => {
    expect(await narrowed(...rules, without)).toEqual({
      problem: 'narrow-rights',
      message: expect.stringContaining(
        `does not let its user studio ${lacking}. What it needs is: \`${setUserLine(prefix, 'studio')}\`.`,
      ),
    });
  });

  test('of another data directory’s keys', async () => {
    expect((await narrowed(...leastRights('saliency-other'))).message).toContain(
      'use keys that begin with saliency-abc:',
    );
  });
});
