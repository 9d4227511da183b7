import { markerPaths, methodStyle, methodStyles } from '../../../../shared/catalogue/palette';
import { lineWidth, markerScale } from '../../../../shared/charts/marks';
import { html, type Markup, type Piece } from './markup';

export interface Column {
  readonly title: string;
  readonly numeric?: boolean;
}

export interface Row {
  readonly head: Piece;
  readonly cells: readonly Piece[];
}

/**
 * A table that assistive technology can read: a caption, headings with their scope, and a frame
 * that scrolls by keyboard where the table is too wide.
 *
 * @param columns the first is that of the row headings.
 */
export function dataTable(
  caption: string,
  columns: readonly Column[],
  rows: readonly Row[],
  style: 'plain' | 'wide' = 'plain',
): Markup {
  const align = (index: number) => (columns[index]?.numeric ? html` class="n"` : html``);
  const id = `table-${caption
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 40)}`;
  const headings = columns.map(
    ({ title }, index) => html`<th scope="col" ${align(index)}>${title}</th>`,
  );
  const body = rows.map(
    ({ head, cells }) =>
      html`<tr>
        <th scope="row" ${align(0)}>${head}</th>
        ${cells.map((cell, index) => html`<td${align(index + 1)}>${cell}</td>`)}
      </tr> `,
  );
  return html`<div class="scroll" tabindex="0" role="region" aria-labelledby="${id}">
    <table class="${style}">
      <caption id="${id}">
        ${caption}
      </caption>
      <thead>
        <tr>
          ${headings}
        </tr>
      </thead>
      <tbody>
        ${body}
      </tbody>
    </table>
  </div>`;
}

/** A section with its heading, which names it. */
export function section(id: string, title: string, ...content: readonly Piece[]): Markup {
  return html`<section aria-labelledby="${id}">
    <h2 id="${id}">${title}</h2>
    ${content}
  </section> `;
}

/**
 * What draws a method's line and marker as the page's figure does, by the colours of
 * `figureVariables`.
 *
 * @param methods ids of every method of the page's figure.
 */
export function methodKeys(methods: readonly string[]): (method: string) => Markup {
  const looks = methodStyles(methods);
  return (method) => {
    const look = looks.get(method) ?? methodStyle(method, methods);
    const dash = look.dash.length > 0 ? html` stroke-dasharray="${look.dash.join(' ')}"` : '';
    return html`<svg class="key" width="30" height="12" viewBox="-15 -6 30 12" aria-hidden="true">
      <path
        d="M-14 0H14"
        style="stroke:var(--method-${method})"
        stroke-width="${lineWidth}"
        ${dash}
      />
      <path
        d="${markerPaths[look.marker]}"
        style="fill:var(--method-${method})"
        transform="scale(${markerScale.method})"
      />
    </svg>`;
  };
}
