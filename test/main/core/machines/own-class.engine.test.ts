import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { EngineHost } from '../../../../src/main/core/engine/engine-host';
import {
  classDifference,
  classHash,
  type EngineClass,
} from '../../../../src/main/core/machines/engine-class';
import { engineBuild } from '../../../../src/main/core/machines/engine-build';
import { OwnClass } from '../../../../src/main/core/machines/own-class';
import { builtInCatalogues } from '../../../../src/shared/catalogue/catalogues';
import { code, files, realEngine, temporaryFolder } from '../../engine-process/helpers';

function hosted(threads: number): EngineHost {
  return new EngineHost({
    catalogues: builtInCatalogues,
    measured: [],
    startEngine: () => realEngine({ threads }),
    onChange: () => undefined,
  });
}

async function classOf(threads: number): Promise<EngineClass> {
  const engine = hosted(threads);
  onTestFinished(() => engine.close());
  return new OwnClass({ engine, files }).of();
}

describe('the class of an engine', () => {
  let usual: EngineClass;
  let probes = 0;
  beforeAll(async () => {
    const engine = hosted(2);
    const own = new OwnClass({
      engine: {
        ready: () => engine.ready(),
        request(operation, input, options) {
          probes += 1;
          return engine.request(operation, input, options);
        },
      },
      files,
    });
    const [one, again] = await Promise.all([own.of(), own.of()]);
    expect(again).toBe(one);
    usual = one;
    await engine.close();
  });

  it('is asked for once', () => {
    expect(probes).toBe(1);
  });

  it('is the same of two engines of one installation', async () => {
    expect(await classOf(2)).toEqual(usual);
  });

  it('is another with another number of threads', async () => {
    const other = await classOf(1);
    expect(classDifference(usual, other)).toBe('1 thread an item, not 2');
    expect(other.probe).not.toBe(usual.probe);
  });

  it('is another where oneDNN takes another instruction set, which its key does not tell', async () => {
    process.env['ONEDNN_MAX_CPU_ISA'] = 'AVX2';
    onTestFinished(() => void delete process.env['ONEDNN_MAX_CPU_ISA']);
    const other = await classOf(2);
    expect(other.engine).toEqual(usual.engine);
    expect(other.build).toBe(usual.build);
    expect(classHash(other)).not.toBe(classHash(usual));
    expect(classDifference(usual, other)).toBe('other instruction set');
  });
});

describe('the build of an engine', () => {
  /** What it is told by, elsewhere on the disk. */
  function copied(): { root: string; engineEntry: string } {
    const root = temporaryFolder();
    for (const path of ['src/engine/runtime/native', 'package-lock.json', 'out/main/chunks']) {
      cpSync(join(files.root, path), join(root, path), { recursive: true });
    }
    mkdirSync(join(root, 'out', 'main'), { recursive: true });
    const engineEntry = join(root, 'out', 'main', 'engine.js');
    cpSync(files.engineEntry, engineEntry);
    return { root, engineEntry };
  }

  it('is the same wherever the same tree lies', async () => {
    expect(await engineBuild(copied())).toBe(await engineBuild(files));
  });

  it('is another where code that the engine loads, a kernel or a package is another', async () => {
    const usual = await engineBuild(files);
    const change = async (path: (root: string) => string, from: string, to: string) => {
      const place = copied();
      const file = path(place.root);
      const text = readFileSync(file, 'utf8');
      expect(text).toContain(from);
      writeFileSync(file, text.replace(from, to));
      return engineBuild(place);
    };
    const chunk = readdirSync(join(files.root, 'out', 'main', 'chunks')).find((name) =>
      readFileSync(join(files.root, 'out', 'main', 'chunks', name), 'utf8').includes(
        'src/engine/models/train.ts',
      ),
    );
    const others = [
      await change((root) => join(root, 'out/main/chunks', chunk ?? ''), 'train.ts', 'tr4in.ts'),
      await change((root) => join(root, 'src/engine/runtime/native/direct.cc'), '{', '{ '),
      await change((root) => join(root, 'package-lock.json'), '"version": "3', '"version": "4'),
    ];
    expect(new Set([usual, ...others]).size).toBe(4);
  });

  it('is not told where there is none', async () => {
    const place = { root: temporaryFolder(), engineEntry: '/nowhere/engine.js' };
    await expect(engineBuild(place)).rejects.toEqual(code('engine-unavailable'));
  });
});
