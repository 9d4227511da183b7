import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';
import { onTestFinished } from 'vitest';
import { createContext } from '../../scripts/setup/context.mjs';
import { createPrinter } from '../../scripts/setup/print.mjs';

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'studio-setup-')));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
}

export function write(file: string, content: string | Buffer, mode = 0o644): string {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content, { mode });
  chmodSync(file, mode);
  return file;
}

/** A context with its own root, cache and environment; `said` collects what it prints. */
export function setupContext(env: Record<string, string> = {}) {
  const root = temporaryFolder();
  write(join(root, 'src', 'engine', 'runtime', 'native', 'module.cc'), '');
  let said = '';
  const context = createContext({
    root,
    cache: join(root, 'cache'),
    env,
    platform: 'linux',
    arch: 'x64',
    print: createPrinter({ write: (text: string) => (said += text) }),
  });
  return { root, context, said: () => said };
}

/** A zip file, as wheels are, with deflated members. */
export function zip(members: Record<string, string>): Buffer {
  const bodies: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [path, text] of Object.entries(members)) {
    const name = Buffer.from(path);
    const content = Buffer.from(text);
    const packed = deflateRawSync(content);
    const shared = Buffer.alloc(26);
    shared.writeUInt16LE(20, 0);
    shared.writeUInt16LE(8, 4);
    shared.writeUInt32LE(crc32(content), 10);
    shared.writeUInt32LE(packed.length, 14);
    shared.writeUInt32LE(content.length, 18);
    shared.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), shared, name, packed]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(path.includes('/bin/') ? (0o100755 << 16) >>> 0 : (0o100644 << 16) >>> 0, 6);
    tail.writeUInt32LE(offset, 10);
    // Made by Unix, so that the mode above counts.
    const madeBy = Buffer.from([20, 3]);
    directory.push(
      Buffer.concat([Buffer.from('PK\x01\x02', 'latin1'), madeBy, shared, tail, name]),
    );
    bodies.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 0, 'latin1');
  end.writeUInt16LE(directory.length, 8);
  end.writeUInt16LE(directory.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...bodies, central, end]);
}

export interface FakeWheel {
  readonly name: string;
  readonly members: string;
  readonly files: Record<string, string>;
  /** Bytes of the files that the pattern takes. */
  readonly unpackedBytes: number;
}

/** The pin of a made-up wheel, and its bytes. */
export function pinned({ name, members, files, unpackedBytes }: FakeWheel) {
  const content = zip(files);
  const wheel = {
    name,
    version: '1.0',
    file: `${name}-1.0-py3-none-any.whl`,
    pip: { platform: 'any', implementation: 'cp', python: '3.11', abi: 'cp311' },
    bytes: content.length,
    sha256: createHash('sha256').update(content).digest('hex'),
    members,
    unpackedBytes,
  };
  return { wheel, content };
}
