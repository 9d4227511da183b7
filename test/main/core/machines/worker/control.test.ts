import { expect, it, onTestFinished } from 'vitest';
import { openConnection } from '../../../../../src/main/core/machines/queue/connection';
import { cancelKey, drainKey } from '../../../../../src/main/core/machines/queue/names';
import { WorkerControl } from '../../../../../src/main/core/machines/worker/control';
import { startValkey } from '../support/valkey';
import { idleSign } from '../support/signs';

const prefix = 'saliency-test';
const worker = 'lab-1';

it('stays drained while the queue takes no writes, and hears of what is cancelled', async () => {
  const valkey = await startValkey();
  onTestFinished(() => valkey.close());
  const redis = await openConnection(valkey.address);
  onTestFinished(() => redis.disconnect());
  const nothing = () => undefined;
  const control = await WorkerControl.open(
    { address: valkey.address, prefix, worker, life: 60_000 },
    nothing,
    nothing,
    nothing,
  );
  onTestFinished(() => control.close());
  const writable = (is: boolean) => redis.config('SET', 'min-replicas-to-write', is ? '0' : '1');

  expect(await control.beat(sign, [])).toEqual({ drained: false, cancelled: [] });
  await redis.set(drainKey(prefix, worker), '1');
  await redis.set(cancelKey(prefix, 'one'), '1');
  expect(await control.beat(sign, [])).toEqual({ drained: true, cancelled: [] });
  await writable(false);
  expect(await control.beat(sign, ['one', 'two'])).toEqual({ drained: true, cancelled: ['one'] });
  await writable(true);
  await redis.del(drainKey(prefix, worker));
  expect(await control.beat(sign, [])).toEqual({ drained: false, cancelled: [] });
}, 60_000);

const sign = idleSign(worker);
