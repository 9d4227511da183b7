import { html, type Markup, type Piece, raw } from './markup';
import { reportCss } from './page-css';

export interface PageFont {
  /** Its faces, with their data. */
  readonly css: string;
  readonly family: string;
}

export interface Page {
  /** Of the window. */
  readonly title: string;
  readonly css: string;
  /** Whether it shows pictures that it carries. */
  readonly pictures?: boolean;
  /** Whether it is light or dark as the reader's system is. */
  readonly schemes?: boolean;
  readonly body: Piece;
}

/** An HTML document of its own: no script, no other file. */
export function page({ title, css, pictures = false, schemes = false, body }: Page): string {
  const policy = `default-src 'none'; style-src 'unsafe-inline'; font-src data:${pictures ? '; img-src data:' : ''}`;
  const { markup } = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="Content-Security-Policy" content="${raw(policy)}" />
        ${schemes ? html`<meta name="color-scheme" content="light dark" />` : ''}
        <title>${title}</title>
        <style>
          ${raw(css)}
        </style>
      </head>
      <body>
        <main>${body}</main>
      </body>
    </html> `;
  return markup.trimEnd().concat('\n');
}

/** What a report is compared with, and what made it. */
export interface Source {
  /** Authors and title. */
  readonly reference: string;
  /** Of Saliency Studio. */
  readonly version: string;
}

export const colophon = ({ reference, version }: Source): Markup =>
  html`<p>The paper: ${reference}. Made with Saliency Studio ${version}.</p>`;

export interface ReportPage {
  /** Of the window. */
  readonly title: string;
  readonly heading: string;
  /** Below the heading: what this is. */
  readonly lead: Piece;
  /** What is looked for first, each with what it is. */
  readonly facts?: readonly (readonly [term: string, fact: Piece])[];
  readonly font: PageFont;
  /** CSS variables of its drawings. */
  readonly colours?: { readonly light: string; readonly dark: string };
  /** What it needs beyond the style of every report. */
  readonly css?: string;
  readonly pictures?: boolean;
  readonly sections: readonly Piece[];
  readonly source: Source;
}

/** A report: light or dark as the reader's system is, fit for print. */
export function reportPage(report: ReportPage): string {
  const { title, heading, lead, facts = [], font, colours, css = '', sections, source } = report;
  const { light = '', dark = '' } = colours ?? {};
  const terms = facts.map(
    ([term, fact]) =>
      html`<div>
        <dt>${term}</dt>
        <dd>${fact}</dd>
      </div>`,
  );
  return page({
    title,
    css: `${font.css}${reportCss(light, dark, font.family)}${css}`,
    pictures: report.pictures ?? false,
    schemes: true,
    body: html`<header>
        <h1>${heading}</h1>
        <p class="lead">${lead}</p>
        ${terms.length > 0 ? html`<dl class="facts">${terms}</dl>` : ''}
      </header>
      ${sections}
      <footer>${colophon(source)}</footer>`,
  });
}

/** A section with its heading, which names it. */
export function section(id: string, title: string, ...content: readonly Piece[]): Markup {
  return html`<section aria-labelledby="${id}">
    <h2 id="${id}">${title}</h2>
    ${content}
  </section> `;
}

/** A drawing, in a frame that scrolls by keyboard where it is too wide. */
export function drawing(svg: string, label: string): Markup {
  // Inside HTML the namespace is implied.
  const inside = svg.replace(' xmlns="http://www.w3.org/2000/svg"', '');
  return html`<figure tabindex="0" aria-label="${label}">${raw(inside)}</figure>`;
}
