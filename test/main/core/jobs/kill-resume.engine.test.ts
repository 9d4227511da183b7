import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installedFiles } from '../../../../src/main/core/storage/installed-files';
import { bundle } from './bundle';
import { smallSettings } from './harness';

/** How often the run is killed; the moments are drawn from this seed. */
const kills = Number(process.env['KILLS'] ?? 1);
const seed = Number(process.env['KILL_SEED'] ?? 20_260_101);

/** Three levels of two epochs: six trainings to be interrupted. */
const settings = {
  ...smallSettings,
  levels: [0, 0.3, 0.6],
  recipe: { epochs: 2, trainLimit: 200 },
};

describe('kill -9 of the whole application', () => {
  let folder: string;
  let built: Awaited<ReturnType<typeof bundle>>;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'studio-'));
    built = await bundle({
      engine: 'src/main/engine-process/main.ts',
      child: 'test/main/core/jobs/kill-child.ts',
    });
  });
  afterAll(async () => {
    await built.remove();
    await rm(folder, { recursive: true, force: true });
  });

  const start = (name: string): { child: ChildProcess; lines: string[]; errors: string[] } => {
    const child = spawn(
      installedFiles().node,
      [
        join(built.folder, 'child.js'),
        join(folder, name),
        join(built.folder, 'engine.js'),
        join(folder, `${name}.csv`),
        JSON.stringify(settings),
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    const [lines, errors]: [string[], string[]] = [[], []];
    if (child.stdout) createInterface({ input: child.stdout }).on('line', (l) => lines.push(l));
    if (child.stderr) createInterface({ input: child.stderr }).on('line', (l) => errors.push(l));
    return { child, lines, errors };
  };
  const finish = async (name: string): Promise<string> => {
    const { child, lines, errors } = start(name);
    await once(child, 'close');
    expect(errors).toEqual([]);
    expect(lines.at(-1)).toBe('written');
    return readFile(join(folder, `${name}.csv`), 'utf8');
  };

  it(
    'leaves the scores of an uninterrupted run, byte for byte',
    { timeout: 400_000 + kills * 60_000 },
    async () => {
      const startedAt = performance.now();
      const whole = await finish('whole');
      const duration = performance.now() - startedAt;
      expect(whole.split('\n').length).toBeGreaterThan(80);

      const random = xoroshiro128plus(seed);
      const killedAt: string[] = [];
      const kill = async (when: (lines: readonly string[]) => boolean, most: number) => {
        const { child, lines } = start('killed');
        const exit = once(child, 'exit');
        const startedAt = performance.now();
        while (child.exitCode === null && !when(lines) && performance.now() - startedAt < most) {
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
        child.kill('SIGKILL');
        await exit;
        killedAt.push(lines.at(-1) ?? 'before its first word');
      };
      for (let count = 0; count < kills; count += 1) {
        await kill(() => false, uniformInt(random, 300, Math.max(400, Math.round(duration * 0.5))));
      }
      // The later stages are short: chance alone would seldom meet them.
      for (const stage of ['maps', 'score', 'report']) {
        await kill((lines) => lines.some((line) => line.startsWith(`at ${stage}`)), 60_000);
      }
      expect(await finish('killed'), killedAt.join(', ')).toBe(whole);
      if (process.env['KILLS']) process.stdout.write(`${killedAt.join('\n')}\n`);
      expect(killedAt.filter((line) => !line.endsWith('written')).length).toBeGreaterThan(0);
    },
  );
});
