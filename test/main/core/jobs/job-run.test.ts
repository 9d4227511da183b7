import { describe, expect, it, vi } from 'vitest';
import { partOf, unlessAborted } from '../../../../src/main/core/jobs/job-run';
import { StudioError } from '../../../../src/shared/errors';

const stopped = new StudioError({ code: 'cancelled', message: 'The job was stopped.' });

describe('work that cannot be stopped itself', () => {
  it('gives its outcome', async () => {
    const { signal } = new AbortController();
    await expect(unlessAborted(signal, Promise.resolve(1))).resolves.toBe(1);
    const failure = unlessAborted(signal, Promise.reject(new Error('broken')));
    await expect(failure).rejects.toThrow('broken');
  });

  it('is waited for no longer once it is not wanted, before or meanwhile', async () => {
    const abort = new AbortController();
    const { promise, reject } = Promise.withResolvers<number>();
    const meanwhile = unlessAborted(abort.signal, promise);
    abort.abort(stopped);
    await expect(meanwhile).rejects.toBe(stopped);
    await expect(unlessAborted(abort.signal, promise)).rejects.toBe(stopped);
    // What becomes of it later is nobody's unhandled error.
    reject(new Error('too late'));
    await new Promise((resolve) => setTimeout(resolve, 0));
  });
});

describe('the progress of a part', () => {
  it('is told as that of the whole', () => {
    const report = vi.fn();
    const { signal } = new AbortController();
    partOf({ signal, report }, 1, 4).report({ done: 5, total: 10, unit: 'images' });
    expect(report).toHaveBeenCalledWith({ done: 15, total: 40, unit: 'images' });
  });
});
