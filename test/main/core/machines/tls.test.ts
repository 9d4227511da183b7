import { expect, it, onTestFinished } from 'vitest';
import { type JoinFile } from '../../../../src/main/core/machines/join-file';
import { checkQueue } from '../../../../src/main/core/machines/queue/check-queue';
import { startWorker } from '../../../../src/main/core/machines/worker/start-worker';
import { installedFiles } from '../../../../src/main/core/storage/installed-files';
import { builtInCatalogues } from '../../../../src/shared/catalogue/catalogues';
import { toErrorData } from '../../../../src/shared/errors';
import { chainedPlan, itemsOfAll, keyOf } from '../jobs/chained-plan';
import { temporaryFolder } from '../storage/helpers';
import { openSite, performAlone } from './coordinator/support/site';
import { type Certificates, certificatesFor } from './support/certificates';
import { startValkey } from './support/valkey';

/** A queue and a listener that both speak TLS at 127.0.0.1, the queue with a password. */
async function encrypted(queue: Certificates) {
  const server = await startValkey({ password: 'of the queue', tls: queue });
  const site = await openSite(server, { tls: true });
  onTestFinished(async () => {
    await site.close();
    await server.close();
  });
  return site;
}

/** How a whole worker ends that joins by a file, and what it said. */
async function joining(join: JoinFile) {
  const said: string[] = [];
  const { code, message } = toErrorData(
    await startWorker(
      {
        files: installedFiles(),
        catalogues: builtInCatalogues,
        measured: [],
        say: (line) => said.push(line),
      },
      { join, threads: 1, slots: 1, store: temporaryFolder(), storeBytes: 1 << 20 },
      AbortSignal.timeout(10_000),
    ).catch((error: unknown) => error),
  );
  const told = [...said, message].join('\n');
  for (const secret of [join.queue.password, join.coordinator.token]) {
    expect(told).not.toContain(secret);
  }
  return { code, message, said };
}

it('carries a run from end to end, by certificates that name the address 127.0.0.1', async () => {
  const site = await encrypted(await certificatesFor('127.0.0.1'));
  await site.worker(
    () => 0,
    () => false,
  );
  const chains = [
    { items: 2, needs: [] },
    { items: 2, needs: [0] },
  ];
  await site.perform(chainedPlan(chains), new AbortController().signal);
  const alone = await performAlone(chainedPlan(chains));
  for (const item of itemsOfAll(chains)) {
    expect(await site.core.artifacts.read(keyOf(item))).toEqual(
      await alone.artifacts.read(keyOf(item)),
    );
  }
});

it('lets no worker go to a queue or a coordinator whose authority is another than its join file’s', async () => {
  const site = await encrypted(await certificatesFor('127.0.0.1', 'localhost'));
  const join = site.join();
  const { port } = join.queue;
  const other = await certificatesFor('127.0.0.1');
  expect(await joining({ ...join, queue: { ...join.queue, tls: { ca: other.ca } } })).toEqual({
    code: 'conflict',
    message: `The queue at 127.0.0.1:${port} shows a certificate that the given CA did not sign: give the CA (PEM) of this queue.`,
    said: [],
  });
  const { coordinator } = join;
  const { url } = coordinator;
  const stranger = `The coordinator at ${url} is not the one that made the join file: its certificate is signed by another authority than the join file’s. Make a new join file there (\`join create\`).`;
  for (const ca of [other.ca, null]) {
    expect(await joining({ ...join, coordinator: { ...coordinator, ca } })).toEqual({
      code: 'forbidden',
      message: stranger,
      said: [],
    });
  }
});

it('holds certificates against the name by which each is reached', async () => {
  const site = await encrypted(await certificatesFor('localhost'));
  const { queue, coordinator, ...rest } = site.join();
  expect(await joining({ queue, coordinator, ...rest })).toMatchObject({
    code: 'conflict',
    message: `The queue at 127.0.0.1:${queue.port} shows a certificate for another name than 127.0.0.1: give the name that stands in it, or add this one to it.`,
  });
  const named = { ...queue, host: 'localhost' };
  await expect(checkQueue(named, { prefix: rest.prefix })).resolves.toBeDefined();
  const url = coordinator.url.replace('127.0.0.1', 'localhost');
  expect(
    await joining({ queue: named, coordinator: { ...coordinator, url }, ...rest }),
  ).toMatchObject({
    code: 'forbidden',
    message: `The coordinator at ${url} is not the one that made the join file: its certificate is for another address. Make a new join file there (\`join create\`).`,
  });
});
