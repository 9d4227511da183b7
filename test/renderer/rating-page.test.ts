// @vitest-environment happy-dom
import { mount, type VueWrapper } from '@vue/test-utils';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import RatingApp from '../../src/renderer/rating/RatingApp.vue';
import { standInQuestions } from '../fixtures/questions';
import { type Script, scriptedRating, sessionOn, settled, standing } from './rating-support';

let wrapper: VueWrapper | null = null;
const drawn: ImageData[] = [];

beforeEach(() => {
  drawn.length = 0;
  HTMLCanvasElement.prototype.getContext = (() => ({
    putImageData: (data: ImageData) => drawn.push(data),
  })) as never;
});
afterEach(() => {
  wrapper?.unmount();
  wrapper = null;
});

async function page(script: Script = {}) {
  const rating = scriptedRating(script);
  const { session } = await sessionOn(rating);
  wrapper = mount(RatingApp, { props: { session }, attachTo: document.body });
  await settled();
  const key = async (name: string, on: EventTarget = document.body, type = 'keydown') => {
    on.dispatchEvent(new KeyboardEvent(type, { key: name, bubbles: true, cancelable: true }));
    await settled();
  };
  const button = (name: RegExp) => {
    const found = wrapper?.findAll('button').find((one) => name.test(one.text()));
    if (!found) throw new Error(`There is no button ${name}.`);
    return found;
  };
  return { rating, session, wrapper, key, button };
}

function press(init: KeyboardEventInit, type = 'keydown'): void {
  const event = new KeyboardEvent(type, { ...init, bubbles: true, cancelable: true });
  // happy-dom knows no AltGr.
  if (init.modifierAltGraph) event.getModifierState = (name) => name === 'AltGraph';
  document.body.dispatchEvent(event);
}

describe('a trial on the page', () => {
  it('shows image and map, the question with its help and five labels with their numbers', async () => {
    const { wrapper: shown, session } = await page();
    await session.walk.goOn();
    await settled();
    expect(shown.findAll('canvas').map((canvas) => canvas.attributes('aria-label'))).toEqual([
      'Image',
      'Map',
    ]);
    expect(new Set(drawn.map(({ width, height }) => `${width}x${height}`))).toEqual(
      new Set(['4x4']),
    );
    const question = shown.find('.question:not(.hidden)');
    expect(question.text()).toContain('How well does the map highlight');
    expect(question.text()).toContain('Very High: a person recognises');
    expect(shown.findAll('.labels button').map((one) => one.text())).toEqual([
      '1Very Low',
      '2Low',
      '3Medium',
      '4High',
      '5Very High',
    ]);
    expect(shown.find('figcaption').text()).toContain('class 0');
    expect(shown.find('header').text()).toContain('Trial 1 of 3');
    expect(shown.find('[role="status"]').text()).toContain('Trial 1 of 3.');
  });

  it('takes keys 1 to 5, Backspace and the arrow, and none while a dialog is open', async () => {
    const { rating, session, key } = await page();
    await session.walk.goOn();
    await key('6');
    await key('4');
    expect(standing(session)).toBe('0.1');
    await key('Backspace');
    expect(standing(session)).toBe('0.0');
    await key('ArrowRight');
    expect(standing(session)).toBe('0.1');
    await key('?');
    await key('2');
    expect(standing(session)).toBe('0.1');
    expect(rating.events.map(({ score }) => score)).toEqual([4]);
    expect(rating.events[0]?.telemetry.input).toBe('keyboard');
  });

  it('shows the labels of each question, as many as it has, and takes their keys', async () => {
    const {
      rating,
      session,
      key,
      wrapper: shown,
    } = await page({
      questions: standInQuestions,
      trials: 2,
    });
    await session.walk.goOn();
    await settled();
    const labels = () => shown.findAll('.labels button').map((one) => one.text());
    const asked: string[] = [];
    for (const { id, title, labels: scale } of standInQuestions) {
      const question = shown.find('.question:not(.hidden)').text();
      expect(question).toContain(title);
      expect(question).toContain(`question ${asked.length + 1} of 4`);
      expect(labels()).toEqual(scale.map((label, i) => `${i + 1}${label}`));
      asked.push(id);
      // One beyond the scale does nothing.
      if (scale.length < 9) await key(String(scale.length + 1));
      expect(rating.events).toHaveLength(asked.length - 1);
      await key(String(scale.length));
      expect(rating.events.at(-1)).toMatchObject({ question: id, score: scale.length });
      expect(shown.find('[role="status"]').text()).toContain(`${scale.at(-1) ?? ''} recorded.`);
    }
    // The next trial asks the other way round; back leads through all of them.
    expect(standing(session)).toBe('1.0');
    expect(labels()).toHaveLength(9);
    await key('Backspace');
    expect(standing(session)).toBe('0.3');
    expect(shown.find('.way .given strong').text()).toBe('++');
    for (const place of ['0.2', '0.1', '0.0']) {
      await key('Backspace');
      expect(standing(session)).toBe(place);
    }
    await key('2');
    expect(standing(session)).toBe('0.1');
    expect(labels()).toEqual(['1No', '2Partly', '3Yes']);
  });

  it('takes no key that is held down, nor one with a modifier', async () => {
    const { rating, session } = await page();
    await session.walk.goOn();
    for (const init of [{ repeat: true }, { ctrlKey: true }, { metaKey: true }, { altKey: true }]) {
      document.body.dispatchEvent(
        new KeyboardEvent('keydown', { key: '3', ...init, bubbles: true }),
      );
    }
    await settled();
    expect(rating.events).toEqual([]);
  });

  it('zooms and lays the map over the image by key', async () => {
    const { session, key, wrapper: shown } = await page();
    await session.walk.goOn();
    await key('+');
    expect(session.look.chosen.value).toBeGreaterThan(1);
    await key('0');
    expect(session.look.chosen.value).toBeNull();
    await key('o');
    await key('o', document.body, 'keyup');
    expect(shown.findAll('canvas')).toHaveLength(3);
    await key('2');
    await key('2');
    expect(standing(session)).toBe('1.0');
    expect(shown.findAll('canvas')).toHaveLength(2);
  });

  it.each([
    { layout: 'French', prints: ['&', 'é', '"', "'", '('] },
    { layout: 'Czech', prints: ['+', 'ě', 'š', 'č', 'ř'] },
    { layout: 'Persian', prints: ['۱', '۲', '۳', '۴', '۵'] },
    { layout: 'Arabic', prints: ['١', '٢', '٣', '٤', '٥'] },
    { layout: 'Hindi', prints: ['१', '२', '३', '४', '५'] },
    { layout: 'Bépo', prints: ['"', '«', '»', '(', ')'] },
    { layout: 'Lithuanian', prints: ['ą', 'č', 'ę', 'ė', 'į'] },
    { layout: 'Swiss, with Shift', prints: ['+', '"', '*', 'ç', '%'] },
    { layout: 'another, with zoom keys in the row', prints: ['-', '=', '+', '0̸', 'Dead'] },
  ])('rates by the digit row of a layout that is $layout, and never zooms', async ({ prints }) => {
    for (const [i, printed] of prints.entries()) {
      const { rating, session } = await page();
      await session.walk.goOn();
      press({ key: printed, code: `Digit${i + 1}` });
      await settled();
      expect(rating.events.map(({ score }) => score)).toEqual([i + 1]);
      expect(session.look.chosen.value).toBeNull();
      wrapper?.unmount();
    }
  });

  it.each([
    ['Shift on AZERTY', { key: '3', code: 'Digit3', shiftKey: true }, 3],
    ['a row of other digits (Programmer Dvorak)', { key: '5', code: 'Digit3', shiftKey: true }, 5],
    ['the numeric pad', { key: '4', code: 'Numpad4' }, 4],
    ['the numeric pad without its lock', { key: 'End', code: 'Numpad1' }, 1],
    ['a digit without a place (a screen keyboard)', { key: '2', code: '' }, 2],
    ['wide digits', { key: '５', code: 'Digit5' }, 5],
    ['an input method', { key: 'Process', code: 'Digit2' }, 2],
  ] as const)('rates by %s', async (_what, init, score) => {
    const { rating, session } = await page();
    await session.walk.goOn();
    press(init);
    await settled();
    expect(rating.events.map((event) => event.score)).toEqual([score]);
  });

  it.each([
    ['a digit above the labels', { key: '7', code: 'Digit1', shiftKey: true }],
    ['a key of the digit row above the labels', { key: 'è', code: 'Digit7' }],
    ['Ctrl', { key: '&', code: 'Digit1', ctrlKey: true }],
    ['Alt', { key: '&', code: 'Digit1', altKey: true }],
    ['Meta', { key: '&', code: 'Digit1', metaKey: true }],
    ['AltGr', { key: '{', code: 'Digit4', modifierAltGraph: true }],
    ['a key that is held', { key: '+', code: 'Digit1', repeat: true }],
    ['a letter', { key: 'a', code: 'KeyA' }],
  ] as const)('does not rate by %s', async (_what, init) => {
    const { rating, session } = await page();
    await session.walk.goOn();
    press(init);
    await settled();
    expect(rating.events).toEqual([]);
    expect(session.look.chosen.value).toBeNull();
  });

  it('zooms, fits, helps and lays over by where the keys lie on layouts of other scripts', async () => {
    const { session, wrapper: shown } = await page();
    await session.walk.goOn();
    press({ key: '=', code: 'Minus' });
    expect(session.look.chosen.value).toBeGreaterThan(1);
    press({ key: 'à', code: 'Digit0' });
    expect(session.look.chosen.value).toBeNull();
    press({ key: '+', code: 'NumpadAdd' });
    press({ key: '۰', code: 'Digit0' });
    expect(session.look.chosen.value).toBeNull();
    press({ key: 'щ', code: 'KeyO' });
    press({ key: 'щ', code: 'KeyO' }, 'keyup');
    expect(session.look.overlay.value).toBe(true);
    // Dvorak prints o elsewhere, and r here.
    press({ key: 'r', code: 'KeyO' });
    press({ key: 'r', code: 'KeyO' }, 'keyup');
    expect(session.look.overlay.value).toBe(true);
    press({ key: 'o', code: 'KeyS' });
    press({ key: 'o', code: 'KeyS' }, 'keyup');
    expect(session.look.overlay.value).toBe(false);
    press({ key: '؟', code: 'Slash', shiftKey: true });
    await settled();
    expect(shown.find('dialog').text()).toContain('Keys');
  });

  it('shows an instruction in place of the questions', async () => {
    const { session, wrapper: shown } = await page({ instructed: [0] });
    await session.walk.goOn();
    await settled();
    expect(shown.findAll('.question:not(.hidden)').map((one) => one.text())).toEqual([
      'Please choose High.',
    ]);
  });

  it('says that the connection is lost and that the choice is kept', async () => {
    const { rating, session, key, wrapper: shown } = await page();
    await session.walk.goOn();
    rating.faults.push('lose-request');
    await key('4');
    await vi.waitFor(() => expect(shown.text()).toContain('Your choice is kept here'));
    await shown.find('.banner button').trigger('click');
    await vi.waitFor(() => expect(standing(session)).toBe('0.1'));
    expect(shown.text()).not.toContain('Connection lost');
    expect(rating.events).toHaveLength(1);
  });
});

describe('what can always be reached', () => {
  it('withdraws after a confirmation', async () => {
    const { session, button, wrapper: shown } = await page();
    await button(/^Withdraw consent/).trigger('click');
    await settled();
    expect(shown.text()).toContain('Withdraw your consent?');
    await shown.find('dialog .danger').trigger('click');
    await settled();
    expect(standing(session)).toBe('withdrawn');
    expect(shown.findAll('button').some((one) => /^Withdraw consent/.test(one.text()))).toBe(false);
  });

  it('ends annotator mode at the desk alone, with its passphrase', async () => {
    const {
      session,
      button,
      wrapper: shown,
    } = await page({
      entry: 'desk',
      phase: 'code',
      passphrase: 'sesame',
    });
    await button(/^End annotator mode/).trigger('click');
    await settled();
    await shown.find('input[type="password"]').setValue('wrong');
    await shown.find('dialog form').trigger('submit');
    await settled();
    expect(shown.find('dialog [role="alert"]').text()).toBe('Not the passphrase.');
    await shown.find('input[type="password"]').setValue('sesame');
    await shown.find('dialog form').trigger('submit');
    await settled();
    expect(standing(session)).toBe('ended');
  });

  it('offers no way out of the mode to who came by link', async () => {
    const { wrapper: shown } = await page();
    expect(shown.text()).not.toContain('End annotator mode');
    expect(shown.text()).toContain('Help');
  });
});

describe('forms', () => {
  it('refuse a name as a code before anything is sent', async () => {
    const { rating, button, wrapper: shown } = await page({ entry: 'desk', phase: 'code' });
    await shown.find('input').setValue('Anna Schmidt');
    await shown.find('form').trigger('submit');
    expect(shown.find('[role="alert"].notice').text()).toContain('do not use your name');
    expect(rating.calls.map(({ route }) => route)).toEqual(['rating.open']);
    await button(/^I have none/).trigger('click');
    await settled();
    expect(shown.text()).toContain('MADE-7');
  });

  it('ask for the experience, and for nothing else that must be said', async () => {
    const { rating, session, wrapper: shown } = await page({ phase: 'background' });
    await shown.find('form').trigger('submit');
    expect(shown.text()).toContain('Please choose one of the two.');
    await shown.find('input[value="seen"]').setValue(true);
    await shown.find('form').trigger('submit');
    await settled();
    expect(standing(session)).toBe('instructions');
    expect(rating.calls.at(-1)?.input).toEqual({ experience: 'seen', answers: {} });
  });
});
