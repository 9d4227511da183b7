import { describe, expect, it, vi } from 'vitest';
import { effectScope } from 'vue';
import { bridgeCarrier, type FileCarrier, httpCarrier } from '../../src/renderer/api/carrier';
import { TransferPace } from '../../src/shared/transfer-pace';
import { useUpload } from '../../src/renderer/composables/useUpload';
import { StudioError } from '../../src/shared/errors';
import { type Upload } from '../../src/shared/uploads';
import { type StudioBridge } from '../../src/shared/wire';
import { appWith, backend, settled } from './support';

const upload = 'upload_aaaaaaaaaaaaaaaa';
const arrived = (name = 'a.zip', bytes = 5): Upload => ({ upload, name, bytes, sha256: 'x' });
const file = (text = 'hello', name = 'a.zip') => new File([text], name);

describe('how fast a file goes', () => {
  it('is measured over the last seconds, and says when it will be there', () => {
    const pace = new TransferPace(1000, 0);
    expect([pace.rate, pace.secondsLeft]).toEqual([null, null]);
    pace.add(1000, 100);
    expect([pace.rate, pace.secondsLeft]).toEqual([100, 9]);
    pace.add(4000, 200);
    pace.add(5000, 300);
    // From second 1 to 5: 200 bytes in 4 seconds; 700 bytes are left.
    expect([pace.rate, pace.secondsLeft]).toEqual([50, 14]);
    pace.add(9000, 300);
    expect([pace.rate, pace.secondsLeft]).toEqual([0, null]);
  });
});

describe('client.upload', () => {
  it('announces, sends and asks what arrived', async () => {
    const sent: [string, number][] = [];
    const { client, calls } = backend(
      { 'uploads.begin': () => ({ upload }), 'uploads.get': () => arrived() },
      { send: async (id, blob) => void sent.push([id, blob.size]) },
    );
    expect(await client.upload(file())).toEqual(arrived());
    expect(sent).toEqual([[upload, 5]]);
    expect(calls).toEqual([
      { route: 'uploads.begin', input: { name: 'a.zip', bytes: 5 } },
      { route: 'uploads.get', input: { upload } },
    ]);
  });

  it('sends nothing that need not travel, and nothing that is empty', async () => {
    const { client, calls } = backend({}, { give: async () => arrived() });
    expect(await client.upload(file())).toEqual(arrived());
    await expect(client.upload(file('', 'empty.csv'))).rejects.toThrow(
      'file is "empty.csv"; accepted: a file that is not empty.',
    );
    expect(calls).toEqual([]);
  });

  it('throws why it did not arrive, and gives it up', async () => {
    const { client, calls } = backend({
      'uploads.begin': () => ({ upload }),
      'uploads.get': () => {
        throw new StudioError({ code: 'disk-full', message: 'The disk is full.' });
      },
      'uploads.discard': () => ({}),
    });
    await expect(client.upload(file())).rejects.toThrow('The disk is full.');
    await settled();
    expect(calls.at(-1)).toEqual({ route: 'uploads.discard', input: { upload } });
  });
});

/** A carrier that sends as far as the test lets it. */
function slow() {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  let tell: (sent: number) => void = () => undefined;
  const carrier: Partial<FileCarrier> = {
    send: (_id, _file, { signal, onProgress }) =>
      new Promise((done, fail) => {
        tell = (sent) => onProgress?.(sent);
        signal?.addEventListener('abort', () => fail(signal.reason as Error));
        void promise.then(done);
      }),
  };
  return { carrier, tell: (sent: number) => tell(sent), finish: () => resolve(undefined) };
}

function composed(handlers: Parameters<typeof backend>[0], carrier: Partial<FileCarrier>) {
  const wire = backend(
    { 'uploads.begin': () => ({ upload }), 'uploads.discard': () => ({}), ...handlers },
    carrier,
  );
  const { app } = appWith(wire.client);
  const scope = effectScope();
  let time = 0;
  const made = app.runWithContext(() => scope.run(() => useUpload(() => time)));
  if (!made) throw new Error('no scope');
  return { ...wire, ...made, end: () => scope.stop(), pass: (ms: number) => (time += ms) };
}

describe('useUpload', () => {
  it('tells how far, how fast and how long', async () => {
    const { carrier, tell, finish } = slow();
    const { bring, progress, pass } = composed({ 'uploads.get': () => arrived() }, carrier);
    const brought = bring(file());
    await settled();
    expect(progress.value).toEqual({
      ...{ name: 'a.zip', sent: 0, total: 5, rate: null, secondsLeft: null },
    });
    pass(1000);
    tell(2);
    expect(progress.value).toMatchObject({ sent: 2, rate: 2, secondsLeft: 1.5 });
    finish();
    expect(await brought).toBe(upload);
    expect(progress.value).toBeNull();
  });

  it('sends a file once for several tries, again where core has given it up, and another anew', async () => {
    let there = true;
    const send = vi.fn(async () => undefined);
    const gone = new StudioError({ code: 'invalid-input', message: 'gone' });
    const { bring } = composed(
      {
        'uploads.get': () => {
          if (!there) {
            there = true;
            throw gone;
          }
          return arrived();
        },
      },
      { send },
    );
    const one = file();
    await bring(one);
    await bring(one);
    expect(send).toHaveBeenCalledTimes(1);
    there = false;
    await bring(one);
    expect(send).toHaveBeenCalledTimes(2);
    await bring(file('other'));
    expect(send).toHaveBeenCalledTimes(3);
  });

  it('cancels what is being sent, says so, and gives it up', async () => {
    const { carrier } = slow();
    const { bring, cancel, progress, calls } = composed({}, carrier);
    const brought = bring(file());
    await settled();
    cancel();
    await expect(brought).rejects.toMatchObject({
      code: 'cancelled',
      message: 'Sending a.zip was cancelled. Nothing of it was kept.',
    });
    await settled();
    expect(progress.value).toBeNull();
    expect(calls.at(-1)?.route).toBe('uploads.discard');
  });

  it('gives up what was brought when its component goes', async () => {
    const { bring, end, calls } = composed({ 'uploads.get': () => arrived() }, {});
    await bring(file());
    end();
    await settled();
    expect(calls.at(-1)).toEqual({ route: 'uploads.discard', input: { upload } });
  });
});

describe('the desktop shell’s carrier', () => {
  const bridge = (parts: Partial<StudioBridge>): StudioBridge => ({
    call: async ({ id }) => ({ type: 'answer', id, output: {} }),
    onEvent: () => () => undefined,
    give: async () => null,
    piece: async () => true,
    save: async () => ({ path: null }),
    ...parts,
  });

  it('gives a file by its path, or says why it cannot be read', async () => {
    const given = bridgeCarrier(bridge({ give: async () => arrived() }));
    expect(await given.give(file())).toEqual(arrived());
    const error = { code: 'invalid-input' as const, message: 'It cannot be read.' };
    const refused = bridgeCarrier(bridge({ give: async () => ({ error }) }));
    await expect(refused.give(file())).rejects.toThrow('It cannot be read.');
  });

  it('sends pieces of a MiB in order, until one is not taken or it is cancelled', async () => {
    const pieces: number[] = [];
    const progress: number[] = [];
    const large = new File([new Uint8Array(2.5 * 2 ** 20)], 'large.bin');
    const carrier = bridgeCarrier(
      bridge({
        piece: async (_id, bytes) => {
          pieces.push(bytes.length);
          return pieces.length !== 5;
        },
      }),
    );
    await carrier.send(upload, large, { onProgress: (sent) => progress.push(sent) });
    expect(pieces).toEqual([2 ** 20, 2 ** 20, 2 ** 19]);
    expect(progress).toEqual([2 ** 20, 2 ** 21, large.size]);
    await carrier.send(upload, large, {});
    expect(pieces).toHaveLength(5);
    const signal = AbortSignal.abort(new Error('stop'));
    await expect(carrier.send(upload, large, { signal })).rejects.toThrow('stop');
  });

  it('saves where the person says, or not at all', async () => {
    const out = { name: 'a', mime: 'b', bytes: 1, file: 'export_aaaaaaaaaaaaaaaa' };
    expect(await bridgeCarrier(bridge({})).save(out)).toBe(false);
    const saved = bridgeCarrier(bridge({ save: async () => ({ path: '/tmp/a' }) }));
    expect(await saved.save(out)).toBe(true);
    const error = { code: 'disk-full' as const, message: 'The disk is full.' };
    const full = bridgeCarrier(bridge({ save: async () => ({ error }) }));
    await expect(full.save(out)).rejects.toThrow('The disk is full.');
  });
});

describe('the browser shell’s carrier', () => {
  it('gives nothing by a path', async () => {
    expect(await httpCarrier().give(file())).toBeNull();
  });
});
