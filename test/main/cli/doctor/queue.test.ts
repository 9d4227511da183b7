import { expect, it, onTestFinished } from 'vitest';
import { createDoctor } from '../../../../src/main/cli/doctor/probes';
import { workersByClass } from '../../../../src/main/cli/doctor/queue';
import { engineKey } from '../../../../src/main/core/artifacts/keys';
import { writeWork } from '../../../../src/main/core/machines/coordinator/work-file';
import { type EngineClass } from '../../../../src/main/core/machines/engine-class';
import { machinesFolder } from '../../../../src/main/core/machines/machines-folder';
import { buildOf } from '../../../../src/main/core/machines/own-class';
import { openConnection } from '../../../../src/main/core/machines/queue/connection';
import { dataDirectoryId } from '../../../../src/main/core/machines/queue/data-directory-id';
import { queuePrefix, workerKey, workersKey } from '../../../../src/main/core/machines/queue/names';
import { writeQueue } from '../../../../src/main/core/machines/queue/queue-file';
import { installedFiles } from '../../../../src/main/core/storage/installed-files';
import { description } from '../../core/jobs/scripted-engine';
import { startValkey } from '../../core/machines/support/valkey';
import { temporaryFolder } from '../../core/storage/helpers';

it('doctor tells what keeps each worker from this machine’s runs', async () => {
  const valkey = await startValkey();
  onTestFinished(() => valkey.close());
  const dataDir = temporaryFolder();
  const folder = machinesFolder(dataDir);
  writeQueue(folder, { address: valkey.address, trial: false });
  // As the app counts, whatever number of processors this machine has.
  writeWork(dataDir, { workplace: 'both', threads: 3 });
  const prefix = queuePrefix(dataDirectoryId(folder));
  const redis = await openConnection(valkey.address);
  onTestFinished(() => redis.disconnect());
  const files = installedFiles();
  const same: EngineClass = {
    build: await buildOf(description, files),
    engine: engineKey({ ...description, threads: 3 }),
    probe: 'known to nobody here',
  };
  const beat = async (name: string, engineClass: EngineClass, problem: string | null = null) => {
    const sign = {
      ...{ version: 1, name, join: 'lab', host: 'node', engineClass, problem },
      ...{ threads: engineClass.engine.threads, slots: 1, state: 'idle', items: [] },
      ...{ done: 0, seconds: 0, at: new Date().toISOString() },
    };
    await redis.set(workerKey(prefix, name), JSON.stringify(sign));
    await redis.sadd(workersKey(prefix), name);
  };
  await beat('a', same);
  await beat('b', { ...same, build: 'of yesterday' });
  await beat('c', { ...same, engine: { ...same.engine, tensorflow: '2.20.0' } });
  await beat('d', { ...same, engine: { ...same.engine, threads: 1 } });
  await beat('e', same, 'Its disk is full.');
  const doctor = createDoctor({
    files,
    dataDir,
    platform: process.platform,
    env: {},
    describe: async () => description,
  });
  const found = await doctor.queue(description);
  expect(found?.problem).toBeNull();
  const { tensorflow } = same.engine;
  expect(found?.workers.map(({ waits }) => waits)).toEqual([
    null,
    'other build',
    `TensorFlow 2.20.0, not ${tensorflow}`,
    '1 thread an item, not 3',
    'Its disk is full.',
  ]);
  expect(workersByClass(found?.workers ?? [])).toMatch(
    /^1 worker of class \w+ \(3 threads\), 1 worker of class \w+ \(3 threads\), which gets nothing: other build, .*: Its disk is full$/,
  );
  // Without an engine there is nothing to compare with.
  const { queue } = doctor;
  const without = await queue({ ...description, available: false });
  expect(without?.workers.map(({ waits }) => waits)).toEqual([
    ...[null, null, null, null],
    'Its disk is full.',
  ]);
});
