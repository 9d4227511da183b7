// @vitest-environment happy-dom
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { StudioError } from '../../src/shared/errors';
import {
  choose,
  type Script,
  scriptedRating,
  sessionOn,
  settled,
  standing,
} from './rating-support';

async function begun(script: Script = {}) {
  const rating = scriptedRating(script);
  const { session } = await sessionOn(rating);
  if (session.screen.value === 'practice-begins' || session.screen.value === 'trials-begin') {
    await session.walk.goOn();
  }
  return { rating, session };
}

beforeEach(() => performance.clearMarks());

describe('the way through the trials', () => {
  it('asks both questions of a map, then the next map, and thanks at the end', async () => {
    const { rating, session } = await begun({ trials: 2 });
    const seen: string[] = [];
    for (const score of [1, 5, 3, 2]) {
      seen.push(standing(session));
      await choose(session, score);
    }
    expect(seen).toEqual(['0.0', '0.1', '1.0', '1.1']);
    expect(session.screen.value).toBe('thanks');
    expect(
      rating.events.map(({ position, question, score }) => [position, question, score]),
    ).toEqual([
      [0, 'visual-coherence', 1],
      [0, 'edge-differentiation', 5],
      [1, 'edge-differentiation', 3],
      [1, 'visual-coherence', 2],
    ]);
    expect(new Set(rating.events.map(({ event }) => event)).size).toBe(4);
  });

  it('moves on only when the label is stored, and takes no second press meanwhile', async () => {
    const { rating, session } = await begun();
    const release = rating.hold('rating.answer');
    const first = choose(session, 4);
    await choose(session, 2);
    await session.walk.back();
    expect(standing(session)).toBe('0.0');
    expect(session.walk.busy()).toBe(true);
    // Shown only where it takes longer than a moment.
    expect(session.walk.sending.value).toBeNull();
    await vi.waitFor(() => expect(session.walk.sending.value).toBe(4));
    release();
    await first;
    expect(standing(session)).toBe('0.1');
    expect(session.walk.sending.value).toBeNull();
    expect(rating.events.map(({ score }) => score)).toEqual([4]);
  });

  it('has the next map at hand: moving on asks for no pixels', async () => {
    const { rating, session } = await begun();
    await settled();
    await choose(session, 1);
    await settled();
    const before = rating.calls.length;
    await choose(session, 1);
    expect(standing(session)).toBe('1.0');
    const since = rating.calls.slice(before).map(({ route }) => route);
    expect(since[0]).toBe('rating.answer');
    expect(since).not.toContain('rating.trial');
  });

  it('goes back with Backspace; a new label is a change, an old one can be kept', async () => {
    const { rating, session } = await begun();
    await choose(session, 1);
    await choose(session, 2);
    await session.walk.back();
    expect(standing(session)).toBe('0.1');
    expect(session.walk.shown.value?.showing.trial.questions[1]?.score).toBe(2);
    await session.walk.back();
    expect(standing(session)).toBe('0.0');
    await choose(session, 5);
    expect(standing(session)).toBe('0.1');
    await session.walk.goOn();
    expect(standing(session)).toBe('1.0');
    // A question without a label cannot be passed over.
    await session.walk.goOn();
    expect(standing(session)).toBe('1.0');
    expect(rating.events.map(({ position, score }) => [position, score])).toEqual([
      [0, 1],
      [0, 2],
      [0, 5],
    ]);
    await session.walk.back();
    await session.walk.back();
    await session.walk.toOpen();
    expect(standing(session)).toBe('1.0');
  });

  it('comes back to the last trial from the thanks, and to the thanks again', async () => {
    const { session } = await begun({ trials: 1 });
    await choose(session, 1);
    await choose(session, 2);
    expect(standing(session)).toBe('thanks');
    await session.walk.back();
    expect(standing(session)).toBe('0.1');
    await choose(session, 3);
    expect(standing(session)).toBe('thanks');
  });

  it('announces practice, explains each example and says when it is over', async () => {
    const rating = scriptedRating({ practice: 1, trials: 1 });
    const { session } = await sessionOn(rating);
    expect(standing(session)).toBe('practice-begins');
    await session.walk.goOn();
    await choose(session, 1);
    await choose(session, 2);
    expect(standing(session)).toBe('0.1 explained');
    await choose(session, 4);
    expect(rating.events).toHaveLength(2);
    await session.walk.back();
    expect(standing(session)).toBe('0.1');
    await session.walk.goOn();
    expect(standing(session)).toBe('0.1 explained');
    await session.walk.goOn();
    expect(standing(session)).toBe('trials-begin');
    await session.walk.goOn();
    expect(standing(session)).toBe('1.0');
  });

  it('offers a break after every so many trials, never after the last', async () => {
    const { session } = await begun({ trials: 4, breakEvery: 2 });
    for (const score of [1, 1, 1, 1]) await choose(session, score);
    expect(standing(session)).toBe('break');
    await session.walk.back();
    expect(standing(session)).toBe('1.1');
    await session.walk.goOn();
    for (const score of [1, 1, 1, 1]) await choose(session, score);
    expect(standing(session)).toBe('thanks');
  });

  it('puts an instruction in place of both questions: one press answers it', async () => {
    const { rating, session } = await begun({ trials: 2, instructed: [0] });
    expect(session.said.value).toContain('Please choose High.');
    await choose(session, 4);
    expect(standing(session)).toBe('1.0');
    expect(rating.events.map(({ question, score }) => [question, score])).toEqual([
      ['visual-coherence', 4],
      ['edge-differentiation', 4],
    ]);
    await session.walk.back();
    expect(standing(session)).toBe('0.1');
    expect(session.said.value).toContain('Please choose High.');
  });

  it('resumes at the question that has no label', async () => {
    const { rating, session } = await begun();
    for (const score of [1, 2, 3]) await choose(session, score);
    const again = await sessionOn(rating);
    expect(standing(again.session)).toBe('1.1');
  });

  it('says trial, question and what was recorded', async () => {
    const { session } = await begun({ practice: 1, trials: 2 });
    expect(session.said.value).toMatch(/^Practice 1 of 1\. Visual coherence: How well/);
    await choose(session, 5);
    expect(session.said.value).toMatch(
      /^Very High recorded\. Practice 1 of 1\. Edge differentiation: /,
    );
  });

  it('marks each press and the paint after it', async () => {
    const { rating, session } = await begun();
    await choose(session, 1);
    await settled();
    const [press] = performance.getEntriesByName('rating:press');
    const [painted] = performance.getEntriesByName('rating:painted');
    const event = rating.events[0]?.event;
    expect(press).toMatchObject({ detail: { event } });
    expect(painted).toMatchObject({ detail: { event, position: 0, question: 1 } });
  });
});

describe('a lost connection', () => {
  for (const fault of ['lose-request', 'lose-reply'] as const) {
    it(`keeps the press and sends the same event again (${fault})`, async () => {
      const { rating, session } = await begun();
      rating.faults.push(fault);
      const choice = choose(session, 4);
      await settled();
      expect(session.client.connection.value).toBe('lost');
      await vi.waitFor(() => expect(session.walk.sending.value).toBe(4));
      expect(standing(session)).toBe('0.0');
      rating.setState('open');
      await choice;
      expect(standing(session)).toBe('0.1');
      expect(rating.events.map(({ score }) => score)).toEqual([4]);
      const sent = rating.calls.filter(({ route }) => route === 'rating.answer');
      expect(sent).toHaveLength(2);
      expect(sent[1]?.input).toEqual(sent[0]?.input);
      // The application knows a session of this page again before the label comes.
      const routes = rating.calls.map(({ route }) => route);
      expect(routes.lastIndexOf('rating.open')).toBeLessThan(routes.lastIndexOf('rating.answer'));
    });
  }

  it('goes on to a map whose one-time ids ran out with the application', async () => {
    const { rating, session } = await begun();
    await settled();
    await choose(session, 1);
    rating.faults.push('lose-request');
    const choice = choose(session, 2);
    await settled();
    rating.forgetIds();
    rating.setState('open');
    await choice;
    expect(standing(session)).toBe('1.0');
    await settled();
    for (const score of [1, 2]) await choose(session, score);
    expect(standing(session)).toBe('2.0');
    expect(rating.events).toHaveLength(4);
  });

  it('waits for pixels until it is back', async () => {
    const { rating, session } = await begun();
    for (const score of [1, 2]) await choose(session, score);
    rating.setState('lost');
    const back = session.walk.back();
    await settled();
    expect(session.walk.loading.value).toBe(true);
    rating.setState('open');
    await back;
    expect(standing(session)).toBe('0.1');
    expect(session.walk.loading.value).toBe(false);
  });

  it('finds the study closed when it is back', async () => {
    const { rating, session } = await begun();
    rating.setState('lost');
    rating.close();
    rating.setState('open');
    await settled();
    expect(standing(session)).toBe('closed');
  });
});

describe('a refused label', () => {
  it('is said, and the trial stays: the disk is full', async () => {
    const { rating, session } = await begun();
    rating.faults.push(new StudioError({ code: 'disk-full', message: 'The disk is full.' }));
    await choose(session, 4);
    expect(session.problem.value?.message).toBe('The disk is full.');
    expect(standing(session)).toBe('0.0');
    await choose(session, 4);
    expect(standing(session)).toBe('0.1');
    expect(rating.events).toHaveLength(1);
  });

  it('leads to where the application stands: the study was closed', async () => {
    const { rating, session } = await begun();
    rating.close();
    rating.faults.push(new StudioError({ code: 'conflict', message: 'The study is closed.' }));
    await choose(session, 4);
    await settled();
    expect(standing(session)).toBe('closed');
  });
});
