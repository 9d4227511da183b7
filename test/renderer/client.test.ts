import { describe, expect, it } from 'vitest';
import { refuse, StudioError } from '../../src/shared/errors';
import { bridgeTransport } from '../../src/renderer/api/transport';
import { httpCarrier } from '../../src/renderer/api/carrier';
import { createClient } from '../../src/renderer/api/client';
import { readReply } from '../../src/renderer/api/read-reply';
import { backend } from './support';
import { jobId, jobRecord, progressRecord, statusRecord } from './records';

describe('createClient', () => {
  it('answers a call with its parsed output', async () => {
    const { client, calls } = backend({ 'jobs.get': () => jobRecord() });
    expect(await client.call('jobs.get', { job: jobId('a') })).toEqual(jobRecord());
    expect(calls).toEqual([{ route: 'jobs.get', input: { job: jobId('a') } }]);
  });

  it('throws the refusal that core gave, with its field', async () => {
    const { client } = backend({
      'jobs.get': () => {
        throw refuse('job', 'x', 'a job id');
      },
    });
    const error = await client.call('jobs.get', { job: 'x' }).catch((failure: unknown) => failure);
    expect(error).toBeInstanceOf(StudioError);
    expect(error).toMatchObject({ code: 'invalid-input', data: { field: 'job' } });
  });

  it('refuses an answer that breaks the contract, naming the place', async () => {
    const broken = { ...statusRecord(), version: 3 as unknown as string };
    const { client } = backend({ 'app.status': () => broken });
    await expect(client.call('app.status', {})).rejects.toThrow(/app\.status\.version/);
  });

  it('hands an event to the listeners of its type until they stop', () => {
    const { client, emit } = backend({});
    const seen: number[] = [];
    const stop = client.on('job.progress', ({ progress }) => seen.push(progress.share));
    emit({ type: 'job.progress', progress: progressRecord({ share: 0.25 }) });
    emit({ type: 'dataset.changed', dataset: 'mnist' });
    stop();
    emit({ type: 'job.progress', progress: progressRecord({ share: 0.5 }) });
    expect(seen).toEqual([0.25]);
  });

  it('tells when a lost connection came back', () => {
    const { client, setState } = backend({});
    let again = 0;
    client.onReconnect(() => (again += 1));
    setState('lost');
    expect(client.connection.value).toBe('lost');
    setState('open');
    expect(client.connection.value).toBe('open');
    expect(again).toBe(1);
  });
});

describe('bridgeTransport', () => {
  it('parses what comes over the bridge', async () => {
    const heard: unknown[] = [];
    let say: (frame: never) => void = () => undefined;
    const transport = bridgeTransport(
      {
        call: async ({ id }) => ({ type: 'answer', id, output: [] }),
        onEvent: (listener) => {
          say = listener;
          return () => undefined;
        },
        give: async () => null,
        piece: async () => true,
        save: async () => ({ path: null }),
      },
      readReply,
    );
    const client = createClient(transport, httpCarrier());
    expect(client.connection.value).toBe('open');
    expect(await client.call('jobs.list', {})).toEqual([]);
    transport.onEvent((frame) => heard.push(frame));
    say({ type: 'event', event: { type: 'nonsense' } } as never);
    say({ type: 'event', event: { type: 'dataset.changed', dataset: 'mnist' } } as never);
    expect(heard).toHaveLength(1);
  });
});
