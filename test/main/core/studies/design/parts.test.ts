import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { secondsLeft } from '../../../../../src/main/core/sessions/pace';
import { hashPassphrase, passphraseFits } from '../../../../../src/main/core/sessions/passphrase';
import { Progress } from '../../../../../src/main/core/sessions/progress';
import {
  forRaters,
  RatingRefusal,
  withoutNames,
} from '../../../../../src/main/core/sessions/refusal';
import { Showings } from '../../../../../src/main/core/studies/design/showings';
import { type RecordedLabel } from '../../../../../src/main/core/studies/rater-events';
import { type StoredTrial } from '../../../../../src/main/core/studies/raters-repository';
import { StudioError } from '../../../../../src/shared/errors';
import { defaultQuestions, questionIds } from '../../../../../src/shared/ratings/questions';

const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();

describe('a rater’s pace', () => {
  it('is not known from a few answers', () => {
    expect(secondsLeft([], 10)).toBeNull();
    expect(secondsLeft([0, 3, 6, 9].map(at), 10)).toBeNull();
  });

  it('is the median time between answers, whatever their order, without breaks', () => {
    expect(secondsLeft([0, 3, 6, 9, 12].map(at), 10)).toBe(30);
    expect(secondsLeft([12, 0, 9, 3, 6].map(at), 10)).toBe(30);
    expect(secondsLeft([0, 2, 4, 104, 110].map(at), 10)).toBe(40);
    expect(secondsLeft([0, 3, 6, 9, 12, 2000, 2003].map(at), 2)).toBe(6);
  });
});

describe('progress', () => {
  const trials = (count: number): StoredTrial[] =>
    Array.from({ length: count }, (_, position) => ({
      position,
      kind: position === 0 ? 'practice' : 'main',
      dataset: 'mnist',
      image: String(position),
      method: 'random',
      repeat: 0,
      firstQuestion: questionIds[position % 2] ?? 'visual-coherence',
      checkKind: null,
      expectedLow: null,
      expectedHigh: null,
    }));

  it('is the same whichever way labels come, one at a time or together', () => {
    const label = fc.record({
      trial: fc.integer({ min: 0, max: 7 }).map(String),
      question: fc.constantFrom(...questionIds),
      score: fc.integer({ min: 1, max: 5 }),
      recordedAt: fc.constant(at(0)),
    });
    fc.assert(
      fc.property(fc.array(label, { maxLength: 40 }), (labels: RecordedLabel[]) => {
        const progress = () => new Progress(trials(6), defaultQuestions);
        const [together, one] = [progress(), progress()];
        together.add(labels);
        for (const each of labels) one.add([each]);
        const given = (position: number) =>
          questionIds.every((id) =>
            labels.some(({ trial, question }) => trial === String(position) && question === id),
          );
        const done = trials(6).filter(({ position }) => given(position));
        const open = trials(6).find(({ position }) => !given(position));
        for (const progress of [together, one]) {
          expect(progress.done).toBe(done.length);
          expect(progress.current).toEqual(open);
          expect(progress.practice).toBe(1);
          for (const { question, trial, score } of labels.slice(-1)) {
            expect(progress.score(Number(trial), question)).toBe(score);
          }
        }
      }),
    );
  });

  it('asks the questions in the trial’s order', () => {
    const progress = new Progress(trials(2), defaultQuestions);
    const [first, second] = trials(2);
    if (!first || !second) throw new Error('two trials');
    expect(progress.questions(first).map(({ id }) => id)).toEqual(questionIds);
    expect(progress.questions(second).map(({ id }) => id)).toEqual([...questionIds].reverse());
  });
});

describe('showings', () => {
  let drawn = 0;
  const showings = () => new Showings(() => `id${(drawn += 1)}`);

  it('draw new ids each time, but for what is fetched ahead by the same page', () => {
    const all = showings();
    const first = all.show('a', 'page', 0);
    expect(all.show('a', 'page', 0)).not.toEqual(first);
    const ahead = all.ahead('a', 'page', 1);
    expect(all.ahead('a', 'page', 1)).toEqual(ahead);
    expect(all.ahead('a', 'another page', 1)).not.toEqual(ahead);
    expect(all.show('a', 'page', 1)).not.toEqual(ahead);
  });

  it('are one rater’s own and are forgotten', () => {
    const all = showings();
    const { image, map } = all.show('a', 'page', 3);
    expect(all.find('a', image)).toEqual({ position: 3, part: 'image' });
    expect(all.find('a', map)).toEqual({ position: 3, part: 'map' });
    expect(all.find('b', image)).toBeUndefined();
    all.forget('a');
    expect(all.find('a', image)).toBeUndefined();
  });
});

describe('a passphrase', () => {
  it('fits its own hash alone, which is salted', async () => {
    const [one, two] = [await hashPassphrase('open sesame'), await hashPassphrase('open sesame')];
    expect(one).not.toBe(two);
    expect(one).not.toContain('sesame');
    expect(await passphraseFits('open sesame', one)).toBe(true);
    expect(await passphraseFits('open sesame', two)).toBe(true);
    expect(await passphraseFits('Open sesame', one)).toBe(false);
    for (const damaged of ['', 'scrypt', 'scrypt$1$2$3$zz$zz', one.slice(0, -2)]) {
      expect(await passphraseFits('open sesame', damaged)).toBe(false);
    }
  });
});

describe('errors', () => {
  it('written for raters reach them, others become a neutral sentence', () => {
    const ours = new RatingRefusal({ code: 'conflict', message: 'Enter a code first.' });
    expect(forRaters(ours)).toBe(ours);
    const details = { key: 'abc', path: '/data/smoothgrad.npy' };
    for (const code of [
      'not-found',
      'corrupt-file',
      'conflict',
      'internal',
      'disk-full',
    ] as const) {
      const told = forRaters(new StudioError({ code, message: '/data/smoothgrad.npy', details }));
      expect(JSON.stringify(told.data)).not.toMatch(/smoothgrad|data\/|abc/);
      expect(told.message).toContain('tell the researcher');
      expect(told.code).toBe(code === 'disk-full' ? 'disk-full' : 'internal');
    }
    expect(forRaters('text').message).toContain('tell the researcher');
  });

  it('are logged by where they arose', () => {
    const error = new Error('smoothgrad is broken');
    const logged = withoutNames(error);
    expect(logged).toMatchObject({ code: 'internal', kind: 'Error' });
    expect(logged.at).toContain('parts.test.ts');
    expect(JSON.stringify(logged)).not.toContain('smoothgrad');
    expect(withoutNames('smoothgrad')).toEqual({ code: 'internal', kind: 'string', at: '' });
  });
});
