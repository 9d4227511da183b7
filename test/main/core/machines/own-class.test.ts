import { describe, expect, it } from 'vitest';
import { OwnClass } from '../../../../src/main/core/machines/own-class';
import { StudioError } from '../../../../src/shared/errors';

describe('the class of an engine that fails', () => {
  /** Where an engine never starts. */
  function failing() {
    const asked = { times: 0, at: 0 };
    const own = new OwnClass({
      engine: {
        ready() {
          asked.times += 1;
          const message = 'There is no engine here.';
          return Promise.reject(new StudioError({ code: 'engine-unavailable', message }));
        },
        request: () => Promise.reject(new Error('it is not ready')),
      },
      files: { root: '/nowhere', engineEntry: '/nowhere/engine.js' },
      now: () => asked.at,
    });
    /** The page and the queue’s watch look every second. */
    const shown = async (seconds: number) => {
      for (let second = 0; second < seconds; second += 1) {
        expect(own.known()).toBeNull();
        await new Promise((done) => setImmediate(done));
        asked.at += 1_000;
      }
    };
    return { asked, own, shown };
  }

  it('is asked for once a minute by who shows it, not at every look', async () => {
    const { asked, shown } = failing();
    await shown(59);
    expect(asked.times).toBe(1);
    await shown(60);
    expect(asked.times).toBe(2);
  });

  it('is asked for at once by who needs it, and its refusal told', async () => {
    const { asked, own, shown } = failing();
    await shown(5);
    await expect(own.of()).rejects.toThrow('There is no engine here.');
    await expect(own.of()).rejects.toThrow('There is no engine here.');
    expect(asked.times).toBe(3);
  });
});
