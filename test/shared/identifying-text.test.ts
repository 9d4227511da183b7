import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse, refuse } from '../../src/shared/errors';
import {
  identifyingText,
  lookOf,
  nameKey,
  NameIndex,
  plainText,
  toldApart,
} from '../../src/shared/identifying-text';
import { codePoint, hiddenIn, showHidden } from '../../src/shared/invisible';

const schema = identifyingText('a name', 80);
const accepted = (text: string) => schema.safeParse(text).success;

/** Every character that Unicode says is a space, a control, a format or ignorable one. */
const everything = Array.from({ length: 0x110000 }, (_, point) => point)
  .filter((point) => point < 0xd800 || point > 0xdfff)
  .map((point) => String.fromCodePoint(point));
const spaces = everything.filter((character) => /\p{Zs}|\p{Zl}|\p{Zp}/u.test(character));
const invisible = everything.filter(
  (character) =>
    /\p{Cc}|\p{Cf}|\p{Default_Ignorable_Code_Point}/u.test(character) &&
    !/[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u{110bd}\u{110cd}]/u.test(character),
);

describe('what is mended silently', () => {
  it('takes normal form C', () => {
    expect(schema.parse('Jose\u0301')).toBe('Jos\u00e9');
    expect(schema.parse('\u1112\u1161\u11ab')).toBe('\ud55c');
  });

  it('trims every space and makes inner ones plain', () => {
    expect(spaces).toHaveLength(19);
    for (const space of spaces) {
      expect(schema.parse(`${space}Very${space}Low${space}${space}`)).toBe('Very Low');
    }
    expect(schema.parse('\r\n\tVery  Low\u0085')).toBe('Very Low');
    expect(accepted('\u00a0\u3000')).toBe(false);
  });
});

describe('what is refused', () => {
  it('is every character that nobody sees, with its code point shown', () => {
    expect(invisible.length).toBeGreaterThan(4000);
    for (const character of invisible) {
      expect(accepted(`R${character}1`), codePoint(character)).toBe(false);
      expect(hiddenIn(`R${character}1`)).toEqual([codePoint(character)]);
    }
    const others = ['\u2800', '\ufffc', '\ufffd', '\uffff', '\ud800', '\u{1d159}', '\ufeff'];
    for (const character of others) expect(accepted(`R${character}`)).toBe(false);
    expect(() => parse(schema, 'R1\u200b', 'name')).toThrow(
      'name is "R1[U+200B]"; a name of 1 to 80 characters without invisible characters (U+200B).',
    );
  });

  it.each([
    ['between Latin letters', 'a\u200cb'],
    ['at the end of a word', 'می\u200c'],
    ['before a space', 'می\u200c خواهم'],
    ['twice', 'می\u200c\u200cخواهم'],
    ['between digits', '1\u200d2'],
    ['between Persian and Latin', 'می\u200ca'],
    ['after an emoji', '😀\u200d'],
    ['between an emoji and a letter', '😀\u200da'],
    ['a selector after a letter', 'a\ufe0f'],
    ['a selector after a digit', '1\ufe0f'],
    ['tags of no flag', '\u{1f3f4}\u{e0061}\u{e007f}'],
    ['a tag after a letter', 'a\u{e0061}'],
  ])('is a joiner or a selector %s', (_where, text) => {
    expect(accepted(text)).toBe(false);
  });

  it('stands by its code point in every refusal, beside what is accepted', () => {
    expect(refuse('label', 'Very\u00a0Low', 'Very Low').message).toBe(
      'label is "Very[U+00A0]Low"; accepted: Very Low.',
    );
    expect(refuse('label', '\u202eLow\u2069', 'Low').data.value).toBe('"[U+202E]Low[U+2069]"');
    expect(showHidden('soft\u00adhyphen\ttab\nline \u3000wide')).toBe(
      'soft[U+00AD]hyphen\ttab\nline [U+3000]wide',
    );
  });
});

describe('what belongs where it stands', () => {
  it.each([
    ['Persian, between letters that would join', 'می\u200cخواهم'],
    ['Persian, after a letter that joins nothing', 'محمد\u200cرضا'],
    ['Persian, in two words', 'علی\u200cرضا نمی\u200cشود'],
    ['Devanagari, half forms', 'क्\u200dष'],
    ['Devanagari, an explicit virama', 'क्\u200cष'],
    ['Marathi, the eyelash', 'दर्\u200dया'],
    ['Sinhala', 'ශ්\u200dරී ලංකා'],
    ['Bengali, ra and ya-phalaa', 'র\u200d্যাব'],
    ['Malayalam, a chillu that ends the word', 'അവന്\u200d വന്നു'],
    ['Kannada, a virama that ends the word', 'ಇಂಡಿಯನ್\u200c ಬ್ಯಾಂಕ್\u200c'],
    ['a family', '👨\u200d👩\u200d👧'],
    ['a heart', '❤\ufe0f'],
    ['a flag of two', '🏳\ufe0f\u200d🌈'],
    ['a skin', '👩🏽\u200d🔬'],
    ['a keycap', '1\ufe0f\u20e3'],
    ['Scotland', '\u{1f3f4}\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}'],
    ['a country', '🇩🇪'],
    ['Arabic number signs', '\u0600۱۲'],
    ['many scripts', '研究者 Исследователь ผู้ประเมิน Ελληνικά עברית'],
  ])('%s', (_what, text) => {
    expect(schema.parse(text)).toBe(text.normalize('NFC'));
    expect(showHidden(text)).toBe(text);
  });
});

/** Texts that hold everything that is mended, refused or belongs. */
const troubled = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 3 }),
      fc.string({ unit: 'binary', maxLength: 2 }),
      fc.constantFrom(...spaces, '\u200c', '\u200d', '\u200b', '\ufe0f', '\u0301', '\ufeff', '\t'),
      fc.constantFrom('می', 'خ', 'क', '्', '😀', '👩', '🏽', '1', 'e', ' ', 'Very', 'Low'),
    ),
    { maxLength: 10 },
  )
  .map((parts) => parts.join(''));

describe('properties', () => {
  it('mending again changes nothing, and normal form C stays', () => {
    fc.assert(
      fc.property(troubled, (text) => {
        const plain = plainText(text);
        expect(plainText(plain)).toBe(plain);
        expect(plain.normalize('NFC')).toBe(plain);
        expect(plainText(text.normalize('NFD'))).toBe(plain);
        expect(plain).not.toMatch(/^\p{White_Space}|\p{White_Space}$|(?! )\p{Zs}| {2}/u);
        const look = lookOf(text);
        expect(lookOf(look)).toBe(look);
        expect(lookOf(plain)).toBe(look);
        expect(nameKey(nameKey(text))).toBe(nameKey(text));
      }),
      { numRuns: 2000 },
    );
  });

  it('what is accepted holds no space but plain ones, and is accepted as it is', () => {
    fc.assert(
      fc.property(troubled, (text) => {
        const parsed = schema.safeParse(text);
        if (!parsed.success) return;
        expect(hiddenIn(parsed.data)).toEqual([]);
        expect(schema.parse(parsed.data)).toBe(parsed.data);
        expect(showHidden(parsed.data)).toBe(parsed.data);
      }),
      { numRuns: 2000 },
    );
  });

  it('no two accepted texts differ by what nobody sees and are told apart', () => {
    const hidden = fc.constantFrom(...invisible, ...spaces);
    fc.assert(
      fc.property(troubled, fc.nat(), hidden, (text, place, character) => {
        const first = schema.safeParse(text);
        const at = place % (text.length + 1);
        const second = schema.safeParse(text.slice(0, at) + character + text.slice(at));
        if (!first.success || !second.success) return;
        if (spaces.includes(character)) {
          const squeezed = (one: string) => lookOf(one).replaceAll(' ', '').normalize('NFC');
          expect(squeezed(second.data)).toBe(squeezed(first.data));
        } else expect(lookOf(second.data)).toBe(lookOf(first.data));
      }),
      { numRuns: 5000 },
    );
  });
});

describe('stored names', () => {
  const old = new NameIndex(['José', 'Jose\u0301', 'R1', 'R1\u200b', 'Anna\u00a0M', 'Ben']);

  it('are found byte for byte first, then in plain text, then by their look', () => {
    expect(old.find('Jose\u0301')).toEqual(['Jose\u0301']);
    expect(old.find('José')).toEqual(['José']);
    expect(old.find('R1\u200b')).toEqual(['R1\u200b']);
    expect(old.find('r1')).toEqual(['R1', 'R1\u200b']);
    expect(old.find(' ben\u3000')).toEqual(['Ben']);
    expect(old.find('Anna M')).toEqual(['Anna\u00a0M']);
    expect(old.find('Carl')).toEqual([]);
    expect(old.find('Ben\u200b')).toEqual([]);
  });

  it('that look alike are told apart', () => {
    expect(old.alike()).toEqual([
      ['José', 'Jose\u0301'],
      ['R1', 'R1\u200b'],
    ]);
    expect(toldApart(['José', 'Jose\u0301'])).toBe('José (Jos[U+00E9]), Jose\u0301 (Jose[U+0301])');
  });
});
