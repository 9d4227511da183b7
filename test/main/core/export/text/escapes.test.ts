import fc from 'fast-check';
import { Window } from 'happy-dom';
import { describe, expect, it } from 'vitest';
import { latexText } from '../../../../../src/main/core/export/text/latex';
import { markdownLine, markdownText } from '../../../../../src/main/core/export/text/markdown';
import { escapeMarkup } from '../../../../../src/main/core/export/text/markup';

/** Texts of what has a meaning somewhere, among others. */
const awkward = fc
  .array(
    fc.oneof(
      fc.constantFrom(...'$|`<>*_\\~#&^{}[]()!?"\'-+=,.:@1 \n\t', '$x$', '</b>', '\\(', '--', ',,'),
      fc.string({ unit: 'grapheme', maxLength: 3 }),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));
const oneLine = (text: string) => text.replaceAll(/\s+/g, ' ').trim();

describe('a name in Markdown', () => {
  it('has no character with a meaning of its own', () => {
    expect(markdownText('costs $5 or $x$')).toBe(String.raw`costs \$5 or \$x\$`);
    expect(markdownText('a|b `c` *d* _e_ ~f~ [g](h) #i \\')).toBe(
      String.raw`a\|b \`c\` \*d\* \_e\_ \~f\~ \[g\](h) \#i \\`,
    );
    expect(markdownText('<b>&amp;\nnext\r\n\u2028line')).toBe('&lt;b&gt;&amp;amp; next line');
    expect(markdownLine('- not a list')).toBe(String.raw`\- not a list`);
    expect(markdownLine('1. nor this')).toBe(String.raw`1\. nor this`);
    expect(markdownLine('2024) nor that')).toBe(String.raw`2024\) nor that`);
    // Within a cell nothing begins a line.
    expect(markdownText('-0.5 [-1, 0]')).toBe(String.raw`-0.5 \[-1, 0\]`);
  });

  it('reads as it is, whatever it is', () => {
    const read = (text: string) =>
      text
        .replaceAll(/\\([!-/:-@[-`{-~])|&(lt|gt|amp);/g, (_all, escaped: string, name: string) =>
          name === undefined ? escaped : ({ lt: '<', gt: '>' }[name] ?? '&'),
        )
        .trim();
    fc.assert(
      fc.property(awkward, (text) => {
        for (const written of [markdownText(text), markdownLine(text)]) {
          expect(read(written)).toBe(oneLine(text));
          const bare = written.replaceAll(/\\[!-/:-@[-`{-~]|&(lt|gt|amp);/g, '');
          expect(bare).not.toMatch(/[\\`*_{}[\]<>#|~&$\n]/);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('a name in LaTeX', () => {
  it('keeps apart what fonts would draw as one character', () => {
    expect(latexText('a,,b')).toBe('a,{},b');
    expect(latexText('a--b')).toBe('a-{}-{}b');
    expect(latexText('–-')).toBe('--{}-{}');
    expect(latexText('–—')).toBe('--{}---');
    expect(latexText('’’ ?‘ !‘ ‘‘')).toBe("'{}' ?{}` !{}` `{}`");
    expect(latexText('“a”, it’s')).toBe("``a'', it's");
    expect(latexText('$5 | `x` <y> *z* a_b\nnext')).toBe(
      String.raw`\$5 \textbar{} \textasciigrave{}x\textasciigrave{} \textless{}y\textgreater{} *z* a\_\allowbreak{}b next`,
    );
    fc.assert(
      fc.property(awkward, (text) => {
        // Dashes and quotation marks of the text are ligatures on purpose.
        const own = text.replaceAll(/[–—‘’“”…]/g, '');
        expect(latexText(own)).not.toMatch(/--|``|''|,,|[?!]`|\n/);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('a name in HTML', () => {
  it('is the text that a browser shows, in content and in attributes', () => {
    const { document } = new Window();
    fc.assert(
      fc.property(awkward, (text) => {
        const shown = text.replaceAll(
          /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu,
          '',
        );
        document.body.innerHTML = `<p title="${escapeMarkup(text)}">${escapeMarkup(text)}</p>`;
        const [element] = document.body.children;
        expect(document.body.querySelectorAll('*')).toHaveLength(1);
        expect(element?.textContent).toBe(shown);
        expect(element?.getAttribute('title')).toBe(shown);
      }),
      { numRuns: 500 },
    );
  });
});
