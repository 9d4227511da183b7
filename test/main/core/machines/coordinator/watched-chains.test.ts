import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { expect, it, onTestFinished } from 'vitest';
import { chainOf } from '../../../../../src/main/core/machines/coordinator/chain-of';
import { WatchedChains } from '../../../../../src/main/core/machines/coordinator/watched-chains';
import { explainQueue } from '../../../../../src/main/core/machines/queue/queue-problem';
import { Arrivals } from '../../../../../src/main/core/machines/transport/arrivals';
import { GatheredArrivals } from '../../../../../src/main/core/machines/transport/gathered-arrivals';
import { temporaryFolder } from '../../storage/helpers';
import {
  coordinated,
  datasetFiles,
  engineClass,
  orderOf,
  requestOf,
  valkeyOfFile,
} from './support/queued-plan';

const server = valkeyOfFile();

it('puts a lost chain back while what came of another cannot be taken in', async () => {
  const { core, prefix, queue: open } = coordinated(server());
  const [queue, elsewhere] = [await open(), new Arrivals(temporaryFolder())];
  let full = false;
  const arrivals = new GatheredArrivals(temporaryFolder(), {
    get reserve() {
      return full ? Infinity : 0;
    },
  });
  arrivals.alsoFrom([elsewhere.root]);
  const chains = new WatchedChains({
    arrivals,
    explain: (error) => explainQueue(error, server().address, prefix),
    log: core.log,
    queue,
    refill: 50,
  });
  onTestFinished(() => chains.close());
  const over = new AbortController();
  const wait = async (name: string) => {
    const chain = await chainOf({ ...core, datasetFiles }, engineClass, 'job', [orderOf(name)]);
    const request = requestOf(name);
    const asked = { id: request, chain, request, what: name };
    const deaf = { begun: () => undefined, waits: () => undefined, report: () => undefined };
    return { outcome: chains.wait({ ...asked, ...deaf }, over.signal, true) };
  };
  const [first, second] = [await wait('a'), await wait('b')];
  const ended = second.outcome.catch(() => undefined);
  const stateOf = async (name: string) => (await queue.state(requestOf(name))).state;
  await expect.poll(() => stateOf('b')).toBe('waits');
  full = true;
  const content = Buffer.from('a map');
  const sha256 = createHash('sha256').update(content).digest('hex');
  await elsewhere.receive(sha256, content.length, 0, Readable.from([content]));
  const file = { name: 'map.npy', sha256, bytes: content.length };
  const result = {
    kind: 'done' as const,
    worker: 'desk@host-1',
    seconds: 1,
    output: {},
    files: [file],
  };
  await elsewhere.putResult(requestOf('a'), result);
  await expect(arrivals.result(requestOf('a'))).rejects.toThrow('full');
  await queue.remove(requestOf('b'));
  await expect.poll(() => stateOf('b')).toBe('waits');
  // Nothing of it was lost.
  full = false;
  expect(await first.outcome).toEqual({ result });
  over.abort();
  await ended;
});
