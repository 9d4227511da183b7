import { describe, expect, it } from 'vitest';
import { type EngineProgress } from '../../../src/shared/engine';
import { startChildEngine } from '../../../src/main/core/engine/child-process-engine';
import { alive, code, faultyEngine, files, mnist } from './helpers';

const batch = { lane: 'batch' } as const;
const interactive = { lane: 'interactive' } as const;
/** Answers every request with labels' output. */
const obedient = `process.on('message', (m) => {
  if (m.type === 'request') reply(m, { type: 'result', output: { files: [] } });
});`;
const labels = { ...mnist, split: 'train', outDir: '/nowhere' } as const;

describe('engine supervisor', () => {
  it('starts the process at the first request and keeps it', async () => {
    const engine = faultyEngine(obedient);
    expect(engine.pid).toBeUndefined();
    await engine.request('dataset-labels', labels, batch);
    await engine.request('dataset-labels', labels, batch);
    expect(engine.attempts).toBe(1);
  });

  it('says that the engine is not built, or that its Node is missing', async () => {
    const unbuilt = startChildEngine({
      nodePath: files.node,
      entry: '/nowhere/engine.js',
      log: () => undefined,
    });
    await expect(unbuilt.request('describe', {}, batch)).rejects.toEqual(
      code('engine-unavailable'),
    );
    const nodeless = faultyEngine(obedient, { nodePath: '/nowhere/node' });
    await expect(nodeless.request('describe', {}, batch)).rejects.toEqual(code('engine-failed'));
  });

  it('refuses input that is not the operation’s, without a process', async () => {
    const engine = faultyEngine(obedient);
    const wrong = engine.request('dataset-labels', { ...labels, split: 'test' } as never, batch);
    await expect(wrong).rejects.toMatchObject({ data: { code: 'invalid-input', field: 'split' } });
    expect(engine.attempts).toBe(0);
  });

  it('refuses a request over the limit of a message', async () => {
    const engine = faultyEngine(obedient);
    const indices = Array.from({ length: 600_000 }, (_, i) => i);
    const input = { ...mnist, split: 'train', indices, outDir: '/nowhere' } as const;
    await expect(engine.request('dataset-images', input, batch)).rejects.toEqual(
      code('invalid-input'),
    );
    await engine.request('dataset-labels', labels, batch);
  });

  it('rejects what was pending when the process dies, with its last words, and starts again', async () => {
    const engine = faultyEngine(`process.on('message', (m) => {
      if (m.attempt === 1) {
        console.error('the last words');
        process.exit(7);
      }
      reply(m, { type: 'result', output: { files: [] } });
    });`);
    const first = engine.request('dataset-labels', labels, batch);
    const second = engine.request('dataset-labels', labels, interactive);
    const failure = {
      data: {
        code: 'engine-failed',
        details: { reason: 'it ended with code 7', stderr: 'the last words' },
      },
    };
    await expect(first).rejects.toMatchObject(failure);
    await expect(second).rejects.toMatchObject(failure);
    expect(await engine.request('dataset-labels', labels, batch)).toEqual({ files: [] });
    expect(engine.attempts).toBe(2);
  });

  it('ends a process that breaks the protocol', async () => {
    for (const body of [
      `{ type: 'result' , version: 2, output: {} }`,
      `{ type: 'news' }`,
      `{ type: 'progress', progress: { done: 'a lot' } }`,
      `{ type: 'result', output: { files: 'none' } }`,
    ]) {
      const engine = faultyEngine(`process.on('message', (m) => reply(m, ${body}));`);
      const request = engine.request('dataset-labels', labels, batch);
      await expect(request).rejects.toEqual(code('engine-failed'));
    }
  });

  it('drops messages of an earlier attempt and of requests that are over', async () => {
    const engine = faultyEngine(`process.on('message', (m) => {
      const stale = { ...m, attempt: m.attempt - 1 };
      reply(stale, { type: 'error', error: { code: 'internal', message: 'stale' } });
      reply({ ...m, job: 99 }, { type: 'result', output: {} });
      reply(m, { type: 'progress', progress: { done: 1, total: 2, unit: 'batches' } });
      reply(m, { type: 'result', output: { files: [] } });
      reply(m, { type: 'progress', progress: { done: 2, total: 2, unit: 'batches' } });
    });`);
    const reports: EngineProgress[] = [];
    const report = (progress: EngineProgress) => void reports.push(progress);
    const output = await engine.request('dataset-labels', labels, { ...batch, report });
    expect(output).toEqual({ files: [] });
    expect(reports).toEqual([{ done: 1, total: 2, unit: 'batches' }]);
  });

  it('passes the engine’s refusals on', async () => {
    const engine = faultyEngine(`process.on('message', (m) => reply(m, {
      type: 'error', error: { code: 'dataset-missing', message: 'Not there.' } }));`);
    const request = engine.request('dataset-labels', labels, batch);
    await expect(request).rejects.toMatchObject({
      data: { code: 'dataset-missing', message: 'Not there.' },
    });
  });

  it('cancels in time even where the process does not listen, and asks the others again', async () => {
    // The first attempt never answers; the second one answers at once.
    const engine = faultyEngine(`process.on('message', (m) => {
      if (m.attempt > 1) reply(m, { type: 'result', output: { files: [] } });
    });`);
    const controller = new AbortController();
    const stuck = engine.request('dataset-labels', labels, { ...batch, signal: controller.signal });
    const other = engine.request('dataset-labels', labels, interactive);
    const first = engine.pid;
    const started = performance.now();
    controller.abort();
    await expect(stuck).rejects.toEqual(code('cancelled'));
    expect(performance.now() - started).toBeLessThan(2000);
    expect(await other).toEqual({ files: [] });
    expect(engine.attempts).toBe(2);
    await expect.poll(() => alive(first)).toBe(false);
  });

  it('cancels where the process listens, and keeps it', async () => {
    const engine = faultyEngine(`process.on('message', (m) => {
      if (m.type === 'cancel') reply(m, {
        type: 'error', error: { code: 'cancelled', message: 'Stopped.' } });
    });`);
    const controller = new AbortController();
    const { signal } = controller;
    const request = engine.request('dataset-labels', labels, { ...batch, signal });
    controller.abort();
    await expect(request).rejects.toEqual(code('cancelled'));
    const again = engine.request('dataset-labels', labels, { ...batch, signal });
    await expect(again).rejects.toEqual(code('cancelled'));
    expect(engine.attempts).toBe(1);
  });

  it('ends the process when it is closed, whatever it does', async () => {
    const engine = faultyEngine(
      `process.removeAllListeners('disconnect');
       process.on('message', (m) => { for (;;) {} });`,
    );
    const request = engine.request('dataset-labels', labels, batch);
    const { pid } = engine;
    const rejected = expect(request).rejects.toEqual(code('engine-failed'));
    await engine.close();
    await rejected;
    expect(alive(pid)).toBe(false);
    await expect(engine.request('describe', {}, batch)).rejects.toEqual(code('engine-failed'));
  });
});
