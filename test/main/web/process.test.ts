import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { installedFiles } from '../../../src/main/core/storage/installed-files';
import { get, opening } from './harness';

const files = installedFiles();
const built = (name: string) => join(files.root, 'out', 'main', name);

let data: string;
const children: ChildProcess[] = [];
beforeAll(() => {
  if (!existsSync(built('web.js'))) throw new Error('build first: npm run setup');
  data = mkdtempSync(join(tmpdir(), 'web-process-'));
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});
afterAll(() => rmSync(data, { recursive: true, force: true }));

/** The built entry as a process: what it wrote so far, and how it ended. */
function run(name: string, ...argv: string[]) {
  const child = spawn(files.node, [built(name), ...argv], { stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  const wrote = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (wrote.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (wrote.stderr += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  return { child, wrote, ended };
}

async function serving(...argv: string[]) {
  const server = run('web.js', '--no-open', '--no-engine', '--data', data, ...argv);
  const address = /http:\/\/127\.0\.0\.1:\d+\/\?token=\S+/;
  await expect.poll(() => server.wrote.stdout, { timeout: 20_000 }).toMatch(address);
  return { ...server, url: new URL(address.exec(server.wrote.stdout)?.[0] ?? '') };
}

describe('the browser shell as a process', () => {
  test('prints its address, serves the built app, holds its data and ends in good order', async () => {
    const { child, wrote, ended, url } = await serving();
    const port = Number(url.port);
    const exchange = await get(port, url.pathname + url.search);
    expect(exchange.status).toBe(303);
    const cookie = String(exchange.headers['set-cookie']).split(';')[0] ?? '';
    const page = await get(port, '/', { cookie });
    expect(page.body).toContain('id="app"');
    const script = /src="\.(\/assets\/[^"]+\.js)"/.exec(page.body)?.[1] ?? '';
    expect((await get(port, script, { cookie })).headers['cache-control']).toContain('immutable');
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`, {
      headers: { cookie, origin: url.origin },
    });
    expect(await opening(socket)).toBe('open');
    const goodbye = new Promise<number>((resolve) => socket.on('close', resolve));

    const reading = run('cli.js', 'datasets', 'list', '--json', '--data', data);
    expect(await reading.ended).toBe(0);
    expect(JSON.parse(reading.wrote.stdout)).toMatchObject({
      datasets: [
        { id: 'mnist', state: 'installed' },
        { id: 'cifar10' },
        { id: 'tiny-imagenet' },
        { id: 'fashion-mnist' },
      ],
    });
    const writing = run('cli.js', 'train', '--dataset', 'mnist', '--json', '--data', data);
    expect(await writing.ended).toBe(1);
    expect(writing.wrote.stderr).toContain(`browser app with process id ${child.pid ?? 0}`);
    expect(JSON.parse(writing.wrote.stdout)).toMatchObject({ error: { code: 'locked' } });

    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect(await goodbye).toBe(1001);
    expect(wrote.stderr).toContain('Parking');
  });

  test('gives its data back when it ends, by Ctrl+C too', async () => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      const { child, ended } = await serving();
      child.kill(signal);
      expect(await ended).toBe(0);
    }
  });

  test('a data directory that is none is bad usage', async () => {
    const none = join(files.root, 'package.json');
    for (const [path, message] of [
      ['', '--data is ""; accepted: the path of a folder.'],
      [none, `--data is ${JSON.stringify(none)}; accepted: a folder`],
    ] as const) {
      const { wrote, ended } = run('web.js', '--no-open', '--no-engine', '--data', path);
      expect(await ended).toBe(2);
      expect(wrote.stderr).toContain(message);
      expect(wrote.stdout).toBe('');
    }
  });

  test('a port that is taken is said, with what to do', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => holder.on('listening', resolve));
    const address = holder.address();
    const port = typeof address === 'object' && address ? String(address.port) : '';
    const { wrote, ended } = run('web.js', '--no-open', '--data', data, '--port', port);
    expect(await ended).toBe(1);
    expect(wrote.stderr).toContain(`Port ${port} is taken`);
    holder.close();
  });
});
