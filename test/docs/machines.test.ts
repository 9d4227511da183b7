import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { installedFiles } from '../../src/main/core/storage/installed-files';
import { temporaryFolder } from '../main/core/storage/helpers';

const machines = join(installedFiles().root, 'docs', 'machines');
const file = join(machines, 'slurm-array.sh');

// npm's shell ends by the signal at once, and what ran in it is killed before it gives its item back.
it.each(['slurm-array.sh', 'saliency-worker.service', 'Dockerfile'])(
  '%s starts a worker that hears the signals itself',
  (name) => {
    const text = readFileSync(join(machines, name), 'utf8');
    const starts = text.match(/^(exec|ExecStart|ENTRYPOINT).*$/gm) ?? [];
    expect(starts).toHaveLength(1);
    expect(starts[0]?.replace(/[",]/g, '')).toContain('node scripts/cli.mjs worker --join');
  },
);

describe.skipIf(process.platform === 'win32')('the array job for Slurm', () => {
  it('has the batch shell told before its time ends, the only process that there is', () => {
    const asked = readFileSync(file, 'utf8').match(/^#SBATCH .*$/gm) ?? [];
    expect(asked.filter((line) => line.includes('--signal'))).toEqual([
      '#SBATCH --signal=B:TERM@60',
    ]);
    expect(asked).toContain('#SBATCH --requeue');
  });

  it('is the worker by then, which hears what the batch shell is told', async () => {
    const folder = temporaryFolder();
    // In Node's place: says how it was called, and ends by a word of its own.
    const node = `#!/bin/sh\ntrap 'echo told > told; exit 7' TERM\necho "$PWD" "$@" > called\nwhile :; do sleep 0.1; done\n`;
    writeFileSync(join(folder, 'node'), node);
    chmodSync(join(folder, 'node'), 0o755);
    const batch = spawn('bash', [file, '/secrets/worker.join'], {
      env: {
        PATH: `${folder}:${process.env['PATH']}`,
        SLURM_SUBMIT_DIR: folder,
        SLURM_CPUS_PER_TASK: '3',
      },
    });
    onTestFinished(() => void batch.kill('SIGKILL'));
    const called = () =>
      existsSync(join(folder, 'called')) && readFileSync(join(folder, 'called'), 'utf8');
    while (!called()) await new Promise((done) => setTimeout(done, 20));
    expect(called()).toBe(
      `${folder} scripts/cli.mjs worker --join /secrets/worker.join --threads 3\n`,
    );
    batch.kill('SIGTERM');
    const [code] = (await once(batch, 'exit')) as [number | null];
    expect(code).toBe(7);
    expect(existsSync(join(folder, 'told'))).toBe(true);
  });
});
