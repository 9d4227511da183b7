import { describe, expect, it } from 'vitest';
import { checkRequestLength, longestRequest } from '../../src/shared/frames';
import { replyText } from '../../src/shared/reply-text';

describe('the length of what travels as text', () => {
  it('is no matter for a reply that fits', () => {
    const reply = { type: 'answer', id: 3, output: { text: 'x'.repeat(100) } } as const;
    expect(JSON.parse(replyText(reply, 200))).toEqual(reply);
  });

  it('turns an answer that is too long into a failure under its id', () => {
    const text = replyText({ type: 'answer', id: 3, output: 'x'.repeat(3 * 2 ** 20) }, 2 ** 20);
    expect(JSON.parse(text)).toEqual({
      type: 'failure',
      id: 3,
      error: { code: 'internal', message: expect.stringContaining('longer than 1 MiB') as string },
    });
  });

  it('is found before the engine’s own limit of a text ends the process', () => {
    // 300 references to one text: nothing in memory, more than a text can hold when written out.
    const half = 'x'.repeat(2 ** 21);
    const output = Array.from({ length: 300 }, () => half);
    expect(JSON.parse(replyText({ type: 'answer', id: 9, output }))).toMatchObject({
      type: 'failure',
      id: 9,
    });
  });

  it('refuses a request before it is sent, with what is accepted', () => {
    expect(() => checkRequestLength('x'.repeat(longestRequest))).not.toThrow();
    expect(() => checkRequestLength('x'.repeat(longestRequest + 1))).toThrow(
      'This request is 5 MiB long; accepted: at most 4 MiB.',
    );
  });
});
