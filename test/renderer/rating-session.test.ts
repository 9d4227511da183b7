// @vitest-environment happy-dom
import { describe, expect, it } from 'vitest';
import { scriptedRating, sessionOn, settled, standing } from './rating-support';

describe('a session at the desk', () => {
  it('goes from the code over background, instructions and consent to the trials', async () => {
    const rating = scriptedRating({ entry: 'desk', phase: 'code' });
    const { session } = await sessionOn(rating);
    expect(standing(session)).toBe('code');
    await session.enter('P1');
    expect(standing(session)).toBe('background');
    await session.describe({ experience: 'naive', answers: { work: 'gardener' } });
    expect(standing(session)).toBe('instructions');
    await session.advance('instructions');
    expect(standing(session)).toBe('consent');
    session.decline();
    expect(standing(session)).toBe('declined');
    session.reconsider();
    await session.advance('consent');
    expect(standing(session)).toBe('trials-begin');
    await session.leave();
    expect(standing(session)).toBe('code');
    const [, enter, describe_] = rating.calls;
    expect(enter?.input).toMatchObject({ code: 'P1', screen: { pixelRatio: 1 } });
    expect(describe_?.input).toEqual({ experience: 'naive', answers: { work: 'gardener' } });
  });

  it('shows a made code to be noted before anything else', async () => {
    const { session } = await sessionOn(scriptedRating({ entry: 'desk', phase: 'code' }));
    await session.enter(null);
    expect(standing(session)).toBe('made-code');
    expect(session.state.value?.rater?.code).toBe('MADE-7');
    session.noted();
    expect(standing(session)).toBe('background');
  });

  it('is ended by the passphrase alone', async () => {
    let gone = 0;
    const rating = scriptedRating({ entry: 'desk', phase: 'code', passphrase: 'open sesame' });
    const { session } = await sessionOn(rating, { goToApp: () => (gone += 1) });
    expect(await session.end('guess')).toBe(false);
    expect(session.problem.value?.message).toBe('Not the passphrase.');
    expect([standing(session), gone]).toEqual(['code', 0]);
    expect(await session.end('open sesame')).toBe(true);
    expect([standing(session), gone]).toEqual(['ended', 1]);
  });
});

describe('a session by link', () => {
  it('withdraws in the middle of the trials', async () => {
    const { session } = await sessionOn(scriptedRating());
    await session.walk.goOn();
    expect(standing(session)).toBe('0.0');
    expect(await session.withdraw()).toBe(true);
    expect(standing(session)).toBe('withdrawn');
  });

  it('says why it cannot be opened and tries again', async () => {
    const rating = scriptedRating();
    rating.setState('lost');
    const { session } = await sessionOn(rating);
    expect(standing(session)).toBe('failed');
    expect(session.problem.value?.message).toMatch(/connection/);
    rating.setState('open');
    await settled();
    expect(standing(session)).toBe('trials-begin');
    expect(session.problem.value).toBeNull();
  });
});
